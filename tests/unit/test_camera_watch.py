"""What a camera's watch makes of pictures: health, gate, people."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import cv2
import numpy as np
import pytest

from ingestion.vision.detect import BlobDetector, FusedDetector, Image
from ingestion.vision.health import CameraHealth
from ingestion.vision.motion import MotionGate
from ingestion.vision.pace import Pace
from ingestion.vision.pictures import Picture
from ingestion.vision.track import SortTracker
from ingestion.vision.watch import Seen, Watch
from tests.support.pictures import Room

FPS = 10


def states(pictures: Iterable[Image | None]) -> list[tuple[int, str, str]]:
    """``(picture, state, detail)`` of each change."""
    health = CameraHealth()
    changes = ((n, health.look(picture, n / FPS)) for n, picture in enumerate(pictures))
    return [(n, change.state, change.detail) for n, change in changes if change is not None]


def good(count: int, room: Room) -> list[Image | None]:
    return [room.picture() for _ in range(count)]


def test_a_dark_picture_is_told_after_one_second_and_sight_after_half_a_second() -> None:
    room = Room()
    dark: list[Image | None] = [(picture * 0.03).astype(np.uint8) for picture in good(20, room) if picture is not None]
    assert states([*good(30, room), *dark, *good(10, room)]) == [(40, "dark", "low_luma"), (55, "ok", "none")]


def test_a_frozen_picture_is_told_after_two_seconds() -> None:
    room = Room()
    before = good(30, room)
    found = states([*before, *([before[-1]] * 40), *good(10, room)])
    assert found == [(50, "frozen", "no_change"), (75, "ok", "none")]


def test_a_frozen_picture_is_known_although_it_is_encoded_anew() -> None:
    room, random = Room(), np.random.default_rng(2)
    last = room.picture()
    again: list[Image | None] = [
        np.where(random.random(last.shape) < 0.2, last - 1, last).astype(np.uint8) for _ in range(40)
    ]
    assert [state for _, state, _ in states([*good(30, room), *again])] == ["frozen"]


def test_a_still_scene_with_a_sensors_noise_is_not_frozen() -> None:
    assert states(good(100, Room())) == []


def test_a_covered_lens_is_told_as_blurred() -> None:
    room = Room()
    covered: list[Image | None] = [
        cv2.GaussianBlur(p, (61, 61), 20).astype(np.uint8) for p in good(40, room) if p is not None
    ]
    assert states([*good(30, room), *covered]) == [(50, "blurred", "low_contrast")]


def test_a_flash_of_darkness_is_not_told() -> None:
    room = Room()
    black: list[Image | None] = [np.zeros_like(room.picture())] * 5
    assert states([*good(20, room), *black, *good(20, room)]) == []


def test_a_lost_picture_is_told_at_once() -> None:
    room = Room()
    assert states([*good(20, room), None, *good(20, room)]) == [(20, "down", "no_signal"), (26, "ok", "none")]


def watch(gate: bool = True) -> Watch:
    return Watch(BlobDetector(), SortTracker(confirm=3), gate=MotionGate() if gate else None, health=CameraHealth())


def seen(watch: Watch, pictures: Iterable[Image | None]) -> list[Seen | None]:
    return [watch.look(Picture(n, n / FPS, picture))[1] for n, picture in enumerate(pictures)]


def visit(room: Room) -> list[Image | None]:
    """Empty, somebody comes in, stands still for six seconds, leaves, empty."""
    ways = itertools.chain([None] * 20, range(-20, 160, 8), [160] * 60, range(160, 360, 8), [None] * 25)
    return [room.picture([] if x is None else [(x, 200)]) for x in ways]


@pytest.mark.slow
@pytest.mark.parametrize("gate", [True, False])
def test_somebody_who_comes_stands_still_and_leaves_is_one_track_all_the_time(gate: bool) -> None:
    looking = watch(gate)
    found = [s for s in seen(looking, visit(Room())) if s is not None]
    counts = [len(s.boxes) for s in found]
    assert counts[:20] == [0] * 20
    assert set(counts[27:120]) == {1}
    assert counts[-18:] == [0] * 18
    assert looking.tracker.tracks == 1
    (box,) = found[80].boxes
    assert np.abs(box - (145, 110, 30, 90)).max() < 8
    # The gate spares the detector while nothing moves.
    assert looking.pictures == len(found)
    assert looking.looked < 0.7 * looking.pictures if gate else looking.looked == looking.pictures


def test_somebody_who_falls_and_lies_is_still_seen() -> None:
    room, looking = Room(), watch()

    def lying() -> Image:
        picture = room.picture()
        picture[180:210, 120:210] = (30, 30, 35)
        return picture

    made = [room.picture() for _ in range(20)] + [room.picture([(160, 200)]) for _ in range(20)]
    found = [s for s in seen(looking, [*made, *(lying() for _ in range(30))]) if s is not None]
    (box,) = found[-1].boxes
    assert np.abs(box - (120, 180, 90, 30)).max() < 10


def test_a_picture_that_shows_nothing_is_no_picture_without_people() -> None:
    room, looking = Room(), watch()
    dark: list[Image | None] = [np.zeros_like(room.picture())] * 20
    found = seen(looking, [*good(20, room), *dark, *good(20, room)])
    assert [s is None for s in found] == [False] * 20 + [True] * 25 + [False] * 15
    assert looking.blind == {"dark": 25}


def test_who_was_there_from_the_first_picture_on_leaves_no_ghost() -> None:
    room, looking = Room(), watch()
    made = [room.picture([(160, 200)]) for _ in range(20)] + [room.picture([(160 + 8 * n, 200)]) for n in range(1, 22)]
    made += [room.picture() for _ in range(40)]
    found = [s for s in seen(looking, made) if s is not None]
    assert max(len(s.boxes) for s in found) == 1
    assert [len(s.boxes) for s in found[-30:]] == [0] * 30


def test_a_lamp_that_is_switched_on_is_no_crowd() -> None:
    room, looking = Room(), watch()
    bright = [np.clip(room.picture() * 1.25, 0, 255).astype(np.uint8) for _ in range(30)]
    found = [s for s in seen(looking, [*good(30, room), *bright]) if s is not None]
    assert sum(len(s.boxes) for s in found) == 0


def test_both_detectors_together_know_a_scene_after_five_seconds() -> None:
    room, detector = Room(), FusedDetector()
    for _ in range(7):
        assert not len(detector.detect(room.picture(), 1.0).boxes)
    (box,) = detector.detect(room.picture([(100, 200)]), 1.0).boxes
    assert np.abs(box - (85, 110, 30, 90)).max() < 8


def test_pace_is_told_only_of_who_moves_and_after_most_of_a_second() -> None:
    pace = Pace()
    tracks = np.array([1, 2, 3])
    told = [
        pace.label(tracks, np.array([[1.4 * n / FPS, 0], [4.0 * n / FPS, 0], [0.1 * n / FPS, 0]]), n / FPS)
        for n in range(20)
    ]
    assert told[7] == ["unknown"] * 3
    assert told[19] == ["walking", "running", "unknown"]
