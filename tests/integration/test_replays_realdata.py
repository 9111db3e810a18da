"""The replays on data that nobody here made: real tracks, real films."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ingestion.sources.caviar import METRES_PER_PIXEL, CaviarReplay
from ingestion.sources.eth import EthReplay
from ingestion.sources.mot import MotReplay, image_size
from ingestion.sources.replay import DEFAULT_START, Place, place
from ingestion.sources.video import VideoReplay
from ingestion.vision.boxes import Floats
from ingestion.vision.evaluation import Score
from ingestion.vision.pictures import open_film
from tests.support.realdata import realdata
from tests.support.replayed import Replayed, replayed

pytestmark = pytest.mark.realdata

SEQUENCES = {
    "ADL-Rundle-6": 30,
    "ADL-Rundle-8": 30,
    "ETH-Bahnhof": 14,
    "ETH-Pedcross2": 14,
    "ETH-Sunnyday": 14,
    "KITTI-13": 10,
    "KITTI-17": 10,
    "TUD-Campus": 25,
    "Venice-2": 30,
}
SPRINT = 12.5
"""m/s; the fastest sprint measured is 12.4."""


def where(camera: str = "cam") -> Place:
    return place("990101", camera, DEFAULT_START)


def steps(found: Replayed) -> tuple[Floats, Floats]:
    """Of all steps of all tracks: seconds and pixels."""
    last: dict[str, tuple[int, float, float]] = {}
    made = []
    for t, d in found.detections:
        if (before := last.get(d["track"])) is not None:
            made.append(((t - before[0]) / 1000, np.hypot(d["x"] - before[1], d["y"] - before[2])))
        last[d["track"]] = (t, d["x"], d["y"])
    seconds, pixels = np.array(made).T
    return seconds, pixels


@pytest.fixture(scope="module")
def caviar() -> Replayed:
    return replayed(CaviarReplay(realdata("events/caviar/tracks.csv"), where()))


def test_every_caviar_point_becomes_a_detection_and_none_is_refused(caviar: Replayed) -> None:
    with realdata("events/caviar/tracks.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert (len(caviar.detections), caviar.refused, caviar.withheld) == (len(rows) == 38_593 and 38_593, [], [])
    start = where().start_ms
    assert Counter(d["motion"] for _, d in caviar.detections) == Counter(row["movement"] for row in rows)
    assert [(t - start, d["track"].split(".")[0]) for t, d in caviar.detections] == [
        (int(row["t"]), row["id"]) for row in rows
    ]
    assert len(caviar.of("video")) == len({row["t"] for row in rows}) == 22_783


def test_nobody_in_caviar_is_faster_than_a_person_once_reused_ids_are_split(caviar: Replayed) -> None:
    seconds, pixels = steps(caviar)
    assert seconds.max() <= 0.4
    # Positions are whole pixels, so a step is uncertain by the diagonal of one.
    speed = np.maximum(0, pixels - np.sqrt(2)) * METRES_PER_PIXEL / seconds
    assert speed.max() <= SPRINT
    assert 110 < len({d["track"] for _, d in caviar.detections}) < 150


def test_a_published_fight_is_not_torn_apart_by_the_splitting(caviar: Replayed) -> None:
    start = where().start_ms
    with realdata("events/caviar/fighting_intervals.csv").open(encoding="utf-8") as file:
        fights = list(csv.DictReader(file))
    for fight in fights:
        begin, end = start + int(fight["start_ms"]), start + int(fight["end_ms"])
        names = {d["track"] for t, d in caviar.detections if begin <= t <= end}
        for person in (fight["p1"], fight["p2"]):
            assert len({n for n in names if n.split(".")[0] == person}) == 1, fight


@pytest.mark.parametrize("name", SEQUENCES)
def test_every_mot_box_becomes_a_detection_with_its_id(name: str) -> None:
    path = realdata(f"tracks/mot15/{name}/gt.txt")
    boxes = np.loadtxt(path, delimiter=",")
    replay = MotReplay(path, where(), fps=SEQUENCES[name])
    found = replayed(replay)
    assert (len(found.detections), found.refused, found.withheld) == (len(boxes), [], [])
    assert Counter(int(d["track"]) for _, d in found.detections) == Counter(boxes[:, 1].astype(int).tolist())
    frames = [round((e["event_time"] - where().start_ms) * SEQUENCES[name] / 1000) + 1 for e in found.of("video")]
    assert frames == list(range(frames[0], int(boxes[:, 0].max()) + 1))
    (camera,) = found.events[0]["cameras"]
    size = image_size(path)
    assert size is not None
    assert (camera["width"], camera["height"]) >= size


@pytest.mark.parametrize(("name", "most_switches"), [("TUD-Campus", 12), ("Venice-2", 180), ("KITTI-17", 30)])
def test_detections_without_ids_are_followed_over_their_frames(name: str, most_switches: int) -> None:
    truth = np.loadtxt(realdata(f"tracks/mot15/{name}/gt.txt"), delimiter=",")
    path = realdata(f"tracks/mot15/{name}/det.txt")
    replay = MotReplay(path, where(), fps=SEQUENCES[name])
    found = replayed(replay)
    assert len(found.detections) == replay.counts.rows == len(np.loadtxt(path, delimiter=","))
    score = scored(found, truth, SEQUENCES[name])
    people = len(np.unique(truth[:, 1]))
    assert score.switches <= most_switches
    assert people <= replay.counts.tracks <= 6 * people


def scored(found: Replayed, truth: Floats, fps: float) -> Score:
    score = Score()
    for event in found.of("video"):
        drawn = truth[truth[:, 0] == round((event["event_time"] - where().start_ms) * fps / 1000) + 1]
        people = event["detections"]
        boxes = np.array([[d["x"] - d["w"] / 2, d["y"] - d["h"], d["w"], d["h"]] for d in people]).reshape(-1, 4)
        numbers = np.array([int(d["track"].lstrip("t")) for d in people], dtype=np.int64)
        score.add(drawn[:, 2:6], boxes, drawn[:, 1].astype(np.int64), numbers)
    return score


@pytest.mark.parametrize(("name", "fps", "rows"), [("eth", 15, 8908), ("hotel", 25, 6544)])
def test_eth_pedestrians_walk_at_the_speed_that_the_file_itself_gives(name: str, fps: int, rows: int) -> None:
    path = realdata(f"tracks/eth/seq_{name}/obsmat.txt")
    replay = EthReplay(path, where())
    found = replayed(replay)
    assert (len(found.detections), replay.fps) == (rows, fps)
    given = np.loadtxt(path)
    seconds, pixels = steps(found)
    assert np.median(pixels * 0.01 / seconds) == pytest.approx(np.median(np.hypot(given[:, 5], given[:, 7])), abs=0.1)


def test_people_of_a_street_scene_are_found_in_the_film_itself() -> None:
    """Seen: precision 0.87, recall 0.60 at IoU 0.5, 14 switches among 8 people."""
    film = open_film(realdata("video/tud_campus/TUD-Campus.mp4"))
    found = replayed(VideoReplay(film, where()))
    assert not found.refused
    assert len(found.of("video")) == 71
    assert not found.of("device")
    score = scored(found, np.loadtxt(realdata("video/tud_campus/gt.txt"), delimiter=","), 25)
    assert score.precision > 0.80
    assert score.recall > 0.52
    assert score.switches <= 20


# Pictures of the film in which somebody is there, by eye.
VISITS = [(61, 205), (228, 455), (502, 701), (745, 872), (921, 1204), (1235, 1361)]


def test_people_who_walk_in_one_by_one_are_counted_one_by_one() -> None:
    """Seen: somebody in all of 968 pictures with somebody, nobody in all of those without; six long tracks."""
    film = open_film(realdata("video/intel_one_by_one/one-by-one-person-detection.mp4"))
    replay = VideoReplay(film, where(), detector="blob")
    found = replayed(replay)
    assert not found.of("device")
    start = where().start_ms
    seen = {round((e["event_time"] - start) / 100): len(e["detections"]) for e in found.of("video")}
    assert len(seen) == 1394
    inside = [n for a, b in VISITS for n in range(a + 12, b - 11)]
    around = {n for a, b in VISITS for n in range(a - 10, b + 20)}
    outside = [n for n in seen if n not in around]
    assert np.mean([seen[n] >= 1 for n in inside]) > 0.98
    assert np.mean([seen[n] == 1 for n in inside]) > 0.95
    assert np.mean([seen[n] == 0 for n in outside]) > 0.98
    lengths = Counter(d["track"] for _, d in found.detections)
    assert sum(length > 30 for length in lengths.values()) == len(VISITS)
    assert replay.watch.looked < 0.7 * replay.counts.pictures


def test_a_real_film_that_was_cut_off_is_replayed_to_where_it_goes(tmp_path: Path) -> None:
    whole = realdata("video/intel_one_by_one/one-by-one-person-detection.mp4").read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[:300_000])
    replay = VideoReplay(open_film(cut), where(), detector="blob")
    found = replayed(replay)
    assert 50 < len(found.of("video")) < 1394
    assert [e["state"] for e in found.of("device")] == ["down"]
    assert replay.counts.cut_off
