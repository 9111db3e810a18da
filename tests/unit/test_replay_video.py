"""A film becomes observations and health events, and a broken film becomes neither a crash nor silence."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from infra.settings import UserError
from ingestion.contracts import SitePlan
from ingestion.contracts.platform import Camera, Zone
from ingestion.sources.replay import DEFAULT_START, place
from ingestion.sources.video import VideoReplay, read_plan
from ingestion.sources.zone_map import plain_scale
from ingestion.vision.pictures import open_film
from tests.support.pictures import HEIGHT, WIDTH, Room, save
from tests.support.replayed import replayed

WHERE = place("990104", "cam", DEFAULT_START)
T0 = WHERE.start_ms
WAY = range(-30, 350, 4)


def walk(folder: Path, room: Room | None = None) -> Path:
    room = room or Room()
    pictures = [room.picture() for _ in range(20)] + [room.picture([(x, 200)]) for x in WAY]
    return save(folder, [*pictures, *(room.picture() for _ in range(10))])


def plan(scale: float = 0.02) -> SitePlan:
    def strip(left: float, right: float) -> list[tuple[float, float]]:
        return [(left, 0.0), (right, 0.0), (right, 4.8), (left, 4.8)]

    return SitePlan(
        facility="990104",
        event_time=T0 + 10**9,
        device="plan",
        zones=[
            Zone(id="west", kind="corridor", polygon=strip(0.0, 3.2)),
            Zone(id="east", kind="corridor", polygon=strip(3.2, 6.4)),
        ],
        cameras=[Camera(id="cam", zones=["west", "east"], width=WIDTH, height=HEIGHT, homography=plain_scale(scale))],
    )


@pytest.mark.slow
def test_somebody_walks_from_one_zone_into_the_next_at_a_walking_pace(tmp_path: Path) -> None:
    replay = VideoReplay(open_film(walk(tmp_path / "film"), 12), WHERE, plan=plan(), detector="blob")
    found = replayed(replay)
    assert not found.refused
    assert found.events[0] | {"event_time": 0} == json.loads(plan().model_dump_json()) | {"event_time": 0}
    assert found.events[0]["event_time"] == T0
    assert {d["track"] for _, d in found.detections} == {"t1"}
    zones = [d["zone"] for _, d in found.detections]
    assert zones == sorted(zones, reverse=True)
    assert set(zones) == {"west", "east"}
    for _, d in found.detections:
        assert (d["zone"] == "west") == (d["x"] <= 160)
    # 4 px of 2 cm at 12 pictures a second are 0.96 m/s.
    assert {d["motion"] for _, d in found.detections[20:80]} == {"walking"}
    assert replay.counts.people.tracks == 1
    assert len(found.of("video")) == replay.counts.pictures == 125


@pytest.mark.slow
def test_without_a_plan_one_open_zone_is_made_and_no_pace_is_told_as_nobody_measured_the_floor(tmp_path: Path) -> None:
    found = replayed(VideoReplay(open_film(walk(tmp_path / "film"), 12), WHERE, detector="blob"))
    assert [z["kind"] for z in found.events[0]["zones"]] == ["open"]
    assert found.detections
    assert {(d["zone"], d["motion"], d["posture"]) for _, d in found.detections} == {("scene", "unknown", "unknown")}


@pytest.mark.slow
def test_a_film_of_another_size_than_the_plans_camera_is_brought_to_its_pixels(tmp_path: Path) -> None:
    site = plan().model_copy(
        update={"cameras": [plan(0.01).cameras[0].model_copy(update={"width": 2 * WIDTH, "height": 2 * HEIGHT})]}
    )
    film = open_film(walk(tmp_path / "film"), 12)
    xs = [d["x"] for _, d in replayed(VideoReplay(film, WHERE, plan=site, detector="blob")).detections]
    assert max(xs) > 600
    narrow = plan().model_copy(update={"cameras": [plan().cameras[0].model_copy(update={"width": 200})]})
    with pytest.raises(UserError, match="320 x 240 px, the plan's camera 200 x 240 px"):
        VideoReplay(film, WHERE, plan=narrow)


@pytest.mark.slow
def test_feet_outside_every_zone_are_counted_and_said(tmp_path: Path) -> None:
    site = plan().model_copy(update={"cameras": [plan().cameras[0].model_copy(update={"zones": ["west"]})]})
    replay = VideoReplay(open_film(walk(tmp_path / "film"), 12), WHERE, plan=site, detector="blob")
    found = replayed(replay)
    assert {d["zone"] for _, d in found.detections} == {"west"}
    assert list(replay.counts.people.skipped) == ["a foot point outside every zone of the camera"]
    assert any("outside every zone" in line for line in replay.counts.lines())


def test_dark_frozen_and_lost_pictures_give_health_events_at_their_time(tmp_path: Path) -> None:
    room = Room()
    pictures = [room.picture() for _ in range(150)]
    pictures[30:60] = [(p * 0.03).astype(np.uint8) for p in pictures[30:60]]
    pictures[80:120] = [pictures[79]] * 40
    folder = save(tmp_path / "film", pictures)
    (folder / "141.png").write_bytes(b"no picture")
    replay = VideoReplay(open_film(folder, 10), WHERE, detector="blob")
    found = replayed(replay)
    events = [(e["event_time"] - T0, e["state"], e["detail"], e["kind"], e["zone"]) for e in found.of("device")]
    assert events == [
        (4000, "dark", "low_luma", "camera", "scene"),
        (6500, "ok", "none", "camera", "scene"),
        (10_000, "frozen", "no_change", "camera", "scene"),
        (12_500, "ok", "none", "camera", "scene"),
        (14_000, "down", "no_signal", "camera", "scene"),
        (14_600, "ok", "none", "camera", "scene"),
    ]
    seen = {(e["event_time"] - T0) // 100 for e in found.of("video")}
    assert seen == {*range(30), *range(65, 100), *range(125, 140), *range(146, 150)}
    assert replay.counts.pictures == len(seen) + sum(replay.counts.blind.values()) == 150
    times = [e["event_time"] for e in found.events]
    assert times == sorted(times)


def video_file(path: Path, count: int = 60) -> Path:
    room = Room()
    out = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (WIDTH, HEIGHT))
    for _ in range(count):
        out.write(room.picture())
    out.release()
    return path


def test_a_video_file_has_its_own_rate_and_every_n_th_picture_may_be_taken(tmp_path: Path) -> None:
    replay = VideoReplay(open_film(video_file(tmp_path / "a.avi")), WHERE, every=3, detector="blob")
    times = [e["event_time"] - T0 for e in replayed(replay).of("video")]
    assert times == [300 * n for n in range(20)]
    assert replay.counts.skipped_pictures == 40


def test_a_film_that_was_cut_off_is_replayed_to_where_it_goes_and_then_reported_lost(tmp_path: Path) -> None:
    whole = video_file(tmp_path / "a.avi")
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    replay = VideoReplay(open_film(cut), WHERE, detector="blob")
    found = replayed(replay)
    assert 10 < len(found.of("video")) < 50
    (lost,) = found.of("device")
    assert (lost["state"], lost["detail"]) == ("down", "no_signal")
    assert lost["event_time"] >= found.of("video")[-1]["event_time"]
    assert "60 that it says it has" in replay.counts.lines()[0]
    assert found.events[-1]["type"] == "watermark"


def test_images_are_taken_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    film = open_film(walk(tmp_path / "film"), 10)
    assert [f.stem for f in film.files] == [str(n) for n in range(1, 126)]
    (tmp_path / "seqinfo.ini").write_text("[Sequence]\nframeRate=14\n", encoding="utf-8")
    assert open_film(tmp_path / "film").fps == 14


def test_what_is_no_film_is_the_users_fault(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file or folder"):
        open_film(tmp_path / "absent.mp4")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no images"):
        open_film(tmp_path / "empty", 10)
    (tmp_path / "text.mp4").write_text("no film", encoding="utf-8")
    with pytest.raises(UserError, match="no picture can be read") as fault:
        open_film(tmp_path / "text.mp4")
    assert "7 bytes" in fault.value.where
    (tmp_path / "empty" / "1.png").write_text("no picture", encoding="utf-8")
    with pytest.raises(UserError, match="none of the 1 images"):
        open_film(tmp_path / "empty", 10)
    with pytest.raises(UserError, match="do not say how many"):
        open_film(walk(tmp_path / "film"))


def test_what_is_no_plan_or_lacks_the_camera_is_the_users_fault(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read the plan"):
        read_plan(tmp_path / "absent.json")
    (tmp_path / "plan.json").write_text('{"type": "site_plan", "facility": "1"}', encoding="utf-8")
    with pytest.raises(UserError, match="no site plan") as fault:
        read_plan(tmp_path / "plan.json")
    assert fault.value.where.endswith("plan.json, event_time")
    (tmp_path / "plan.json").write_text(plan().model_dump_json(), encoding="utf-8")
    assert read_plan(tmp_path / "plan.json") == plan()
    film = open_film(walk(tmp_path / "film"), 10)
    with pytest.raises(UserError, match="no camera 'door'"):
        VideoReplay(film, place("990104", "door", DEFAULT_START), plan=plan())
    with pytest.raises(UserError, match="unknown detector 'yolo'"):
        VideoReplay(film, WHERE, detector="yolo")
    with pytest.raises(UserError, match="every 0 pictures"):
        VideoReplay(film, WHERE, every=0)
