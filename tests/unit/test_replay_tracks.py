"""Track files become frames of the video contract; nothing of them is silently dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.settings import UserError
from ingestion.sources.caviar import CaviarReplay
from ingestion.sources.eth import EthReplay
from ingestion.sources.mot import MotReplay
from ingestion.sources.replay import DEFAULT_START, Counts, place
from tests.support.replayed import replayed

WHERE = place("990101", "cam", DEFAULT_START)
T0 = WHERE.start_ms


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def caviar(folder: Path, *rows: str) -> CaviarReplay:
    return CaviarReplay(written(folder / "tracks.csv", "\n".join(["t,id,x,y,movement", *rows, ""])), WHERE)


def mot(folder: Path, *rows: str, **options: float) -> MotReplay:
    return MotReplay(written(folder / "gt.txt", "\n".join([*rows, ""])), WHERE, **({"fps": 25.0} | options))


def adds_up(counts: Counts) -> bool:
    return counts.rows == counts.detections + sum(counts.set_apart.values()) + sum(counts.skipped.values())


def test_a_caviar_replay_begins_with_its_plan_and_ends_with_its_watermark(tmp_path: Path) -> None:
    found = replayed(caviar(tmp_path, "40,id0,10,20,walking", "1080,id0,30,20,walking"))
    plan, *frames, end = found.events
    assert (plan["type"], plan["profile"], plan["event_time"]) == ("site_plan", "caviar", T0)
    assert plan["cameras"][0]["homography"] == [0.05, 0, 0, 0, 0.05, 0, 0, 0, 1]
    assert [f["event_time"] - T0 for f in frames] == [40, 1080]
    assert (end["type"], end["reason"], end["complete_to"] - T0) == ("watermark", "end_of_replay", 2000)


def test_tracks_of_one_time_form_one_frame_with_place_and_movement(tmp_path: Path) -> None:
    found = replayed(caviar(tmp_path, "40,id0,10,20,abrupt", "40,id1,44,20,active", "80,id0,11,20,abrupt"))
    first, second = found.of("video")
    assert [(d["track"], d["x"], d["y"], d["motion"]) for d in first["detections"]] == [
        ("id0.1", 10, 20, "abrupt"),
        ("id1.1", 44, 20, "active"),
    ]
    assert {d["zone"] for d in first["detections"]} == {"scene"}
    assert [d["track"] for d in second["detections"]] == ["id0.1"]


def test_what_is_no_point_is_posted_alone_for_quarantine_and_what_is_no_line_is_withheld(tmp_path: Path) -> None:
    replay = caviar(
        tmp_path, "40,id0,10,20,walking", "40,id1,nan,20,walking", "40,id2,5,5,flying", "x,id3,1,1,walking", "80,id0,1"
    )
    found = replayed(replay)
    assert [d["track"] for _, d in found.detections] == ["id0.1"]
    assert [(e["event_time"] - T0, e["detections"][0]["x"]) for e in found.refused] == [(40, None), (40, 5)]
    assert [(w.reason, w.detail, w.record.value) for w in found.withheld] == [
        ("contract", "tracks.csv, line 5: column 1 (t): 'x' is not a whole number", b"x,id3,1,1,walking"),
        ("contract", "tracks.csv, line 6: 3 columns where 5 are expected", b"80,id0,1"),
    ]
    counts = replay.counts
    assert (counts.rows, counts.detections, sum(counts.set_apart.values())) == (5, 1, 4)
    assert adds_up(counts)
    assert "  1 x unknown movement 'flying' (first: line 4)" in counts.lines()


def test_a_file_that_was_cut_in_mid_line_says_so_in_quarantine(tmp_path: Path) -> None:
    path = written(tmp_path / "tracks.csv", "t,id,x,y,movement\n40,id0,1,1,walking\n80,id0,1,1,wal")
    found = replayed(CaviarReplay(path, WHERE))
    assert found.of("video")[-1]["event_time"] == T0 + 40
    assert len(found.refused) == 1  # the line is a row, but its movement is none
    path.write_text("t,id,x,y,movement\n40,id0,1,1,walking\n80,id0", encoding="utf-8")
    assert [w.reason for w in replayed(CaviarReplay(path, WHERE)).withheld] == ["truncated_file"]


def test_the_same_file_gives_the_same_bytes_whenever_it_is_replayed(tmp_path: Path) -> None:
    rows = [f"{40 * n},id{n % 3},{n},{n},walking" for n in range(100)]
    assert list(caviar(tmp_path, *rows)) == list(caviar(tmp_path, *rows))


def test_a_caviar_file_with_other_columns_or_times_is_the_users_fault(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="column 1 is named 'time'"):
        CaviarReplay(written(tmp_path / "a.csv", "time,id,x,y,movement\n"), WHERE)
    with pytest.raises(UserError, match="no rows"):
        caviar(tmp_path)
    with pytest.raises(UserError, match="the times go from -40 to 80"):
        caviar(tmp_path, "-40,id0,1,1,walking", "80,id0,1,1,walking")
    with pytest.raises(UserError, match="cannot read"):
        CaviarReplay(tmp_path / "absent.csv", WHERE)


def test_mot_boxes_become_foot_points_at_the_frames_time_with_the_files_ids(tmp_path: Path) -> None:
    replay = mot(tmp_path, "1,7,100,50,40,120,1,-1,-1,-1", "2,7,102,50,40,120,0.5,-1,-1,-1", scale=0.02)
    found = replayed(replay)
    assert [(t - T0, d["track"], d["x"], d["y"], d["w"], d["h"], d["confidence"]) for t, d in found.detections] == [
        (0, "7", 120, 170, 40, 120, 1),
        (40, "7", 122, 170, 40, 120, 0.5),
    ]
    assert found.events[0]["cameras"][0]["homography"][0] == 0.02
    assert adds_up(replay.counts)


def test_without_a_scale_boxes_are_taken_to_be_as_tall_as_people(tmp_path: Path) -> None:
    plan = replayed(mot(tmp_path, "1,1,0,0,40,160,1,-1,-1,-1", "1,2,0,0,40,180,1,-1,-1,-1")).events[0]
    assert plan["cameras"][0]["homography"][0] == 0.01


def test_frames_without_rows_are_frames_in_which_nobody_was_seen_but_a_long_gap_is_a_cut(tmp_path: Path) -> None:
    row = "1,40,50,40,120,1,-1,-1,-1"
    replay = mot(tmp_path, f"3,{row}", f"6,{row}", f"9000,{row}", fps=10)
    frames = replayed(replay).of("video")
    assert [(f["event_time"] - T0, len(f["detections"])) for f in frames] == [
        (200, 1),
        (300, 0),
        (400, 0),
        (500, 1),
        (899_900, 1),
    ]
    assert replay.counts.other["cuts of the film"] == 1


def test_detections_without_ids_are_followed_by_the_tracker(tmp_path: Path) -> None:
    rows = [f"{f},-1,{left + 3 * f},50,40,120,0.9,-1,-1,-1" for f in range(1, 20) for left in (0, 300)]
    replay = mot(tmp_path, *rows)
    tracks: dict[str, list[float]] = {}
    for _, detection in replayed(replay).detections:
        tracks.setdefault(detection["track"], []).append(detection["x"])
    assert {name: len(xs) for name, xs in tracks.items()} == {"t1": 19, "t2": 19}
    assert max(tracks["t1"]) < min(tracks["t2"])
    assert replay.counts.tracks == 2


def test_a_box_that_is_none_is_posted_alone_and_things_that_are_no_people_are_counted(tmp_path: Path) -> None:
    replay = mot(
        tmp_path,
        "1,1,0,0,40,120,1,1,0.9",
        "1,2,0,0,-4,120,1,1,0.9",
        "1,3,1e9,0,40,120,1,1,0.9",
        "1,4,0,0,40,120,1,3,0.9",
        "1,5,0,0,40,inf,1,1,0.9",
        "2,6,-20,0,30,120,1,1,0.9",
    )
    found = replayed(replay)
    # The last one stands to the left of the picture, and only a part of the box reaches into it.
    assert [(d["track"], d["x"]) for _, d in found.detections] == [("1", 20), ("6", 0)]
    assert [e["detections"][0]["track"] for e in found.refused] == ["2", "3", "5"]
    assert replay.counts.skipped == {"class 3 is no person": 1}
    assert adds_up(replay.counts)


def test_scores_that_are_no_probabilities_are_relative_to_the_best(tmp_path: Path) -> None:
    found = replayed(mot(tmp_path, "1,-1,0,0,40,120,64,-1,-1,-1", "1,-1,200,0,40,120,-2,-1,-1,-1"))
    assert [d["confidence"] for _, d in found.detections] == [1.0, 0.0]


def test_a_crowd_that_one_event_cannot_hold_becomes_several_of_the_same_time(tmp_path: Path) -> None:
    found = replayed(mot(tmp_path, *(f"1,{n},{n % 50},0,40,120,1,-1,-1,-1" for n in range(2500))))
    assert [(len(f["detections"]), f["event_time"] - T0) for f in found.of("video")] == [(1000, 0), (1000, 0), (500, 0)]


def test_a_mot_file_sorted_by_person_is_replayed_in_the_order_of_time(tmp_path: Path) -> None:
    rows = [f"{frame},{who},0,0,40,120,1,-1,-1,-1" for who in (1, 2) for frame in (1, 2, 3)]
    frames = replayed(mot(tmp_path, *rows)).of("video")
    assert [[d["track"] for d in f["detections"]] for f in frames] == [["1", "2"]] * 3


@pytest.mark.parametrize("fps", [0.0, -25.0, float("nan"), 1e6])
def test_a_rate_that_is_none_is_the_users_fault(tmp_path: Path, fps: float) -> None:
    with pytest.raises(UserError, match="no frame rate"):
        mot(tmp_path, "1,1,0,0,40,120,1,-1,-1,-1", fps=fps)


def test_a_mot_file_with_other_columns_is_the_users_fault(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="5 columns where 10 are expected") as fault:
        mot(tmp_path, "1,1,0,0,40")
    assert fault.value.where.endswith("gt.txt, line 1")
    with pytest.raises(UserError, match=r"column 3 \(left\): 'a' is not a number"):
        mot(tmp_path, "1,1,a,0,40,120,1,-1,-1,-1")


def test_eth_positions_come_back_in_metres_through_the_plans_homography(tmp_path: Path) -> None:
    rows = [
        "  7.8e+02  1.0  8.4568  0.0  3.5880  1.6  0.0  0.1",
        "7.86e+02 1 9.1255 0 -3.65 1 0 1",
        "786 2 1 0 nan 1 0 1",
    ]
    replay = EthReplay(written(tmp_path / "obsmat.txt", "\n".join(rows)), WHERE)
    found = replayed(replay)
    scale, _, x0, _, _, y0, *_ = found.events[0]["cameras"][0]["homography"]
    floor = [(t - T0, round(scale * d["x"] + x0, 4), round(scale * d["y"] + y0, 4)) for t, d in found.detections]
    assert floor == [(52_000, 8.4568, 3.588), (52_400, 9.1255, -3.65)]
    assert len(found.refused) == 1
    assert adds_up(replay.counts)


@pytest.mark.parametrize(
    ("option", "values"),
    [("--facility", ("99 01", "cam", DEFAULT_START)), ("--camera", ("990101", "", DEFAULT_START))],
)
def test_an_id_that_contracts_refuse_is_the_users_fault(option: str, values: tuple[str, str, str]) -> None:
    with pytest.raises(UserError, match="is no id") as fault:
        place(*values)
    assert fault.value.where == option


@pytest.mark.parametrize("start", ["yesterday", "1812-01-01T00:00:00Z"])
def test_a_start_that_is_no_usable_time_is_the_users_fault(start: str) -> None:
    with pytest.raises(UserError):
        place("990101", "cam", start)


def test_a_start_without_a_time_zone_is_taken_as_utc() -> None:
    assert place("990101", "cam", "2024-01-01").start_ms == T0 == place("9", "c", "2024-01-01T08:00:00+08:00").start_ms
