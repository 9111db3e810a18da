"""Boxes, and following people by them."""

from __future__ import annotations

import numpy as np

from ingestion.vision.boxes import NO_BOXES, best_of_overlapping, covered, feet, iou
from ingestion.vision.evaluation import Score
from ingestion.vision.track import UNCONFIRMED, SortTracker

STEP = 0.04


def walker(frame: int, start: float, speed: float, y: float = 100.0) -> list[float]:
    return [start + speed * frame, y, 40.0, 120.0]


def test_overlap_of_boxes() -> None:
    a = np.array([[0.0, 0, 10, 10]])
    b = np.array([[0.0, 0, 10, 10], [5, 0, 10, 10], [20, 20, 5, 5], [0, 0, 0, 0]])
    assert iou(a, b).round(3).tolist() == [[1.0, 0.333, 0.0, 0.0]]
    assert covered(b, a)[:, 0].tolist() == [1.0, 0.5, 0.0, 0.0]
    assert feet(a).tolist() == [[5.0, 10.0]]
    assert best_of_overlapping(b, np.array([0.5, 0.9, 0.1, 0.2]), 0.3).tolist() == [1, 2, 3]


def test_two_people_who_cross_keep_their_numbers() -> None:
    tracker = SortTracker()
    numbers = []
    for frame in range(100):
        boxes = np.array([walker(frame, 0, 4, y=100), walker(frame, 400, -4, y=160)])
        order = [0, 1] if frame % 2 else [1, 0]
        found = tracker.update(boxes[order], STEP)
        numbers.append(found[np.argsort(order)].tolist())
    assert numbers == [numbers[0]] * 100
    assert tracker.tracks == 2


def test_a_person_missed_for_half_a_second_keeps_the_number_and_after_a_second_is_somebody_new() -> None:
    for pause, tracks in ((12, 1), (40, 2)):
        tracker = SortTracker(lost_s=1.0)
        for frame in range(100):
            here = not 50 <= frame < 50 + pause
            tracker.update(np.array([walker(frame, 0, 3)]) if here else NO_BOXES, STEP)
        assert tracker.tracks == tracks


def test_a_box_counts_only_after_so_many_frames_in_a_row() -> None:
    tracker = SortTracker(confirm=3)
    seen = [tracker.update(np.array([walker(frame, 0, 1)]), STEP).tolist() for frame in range(4)]
    assert seen == [[UNCONFIRMED], [UNCONFIRMED], [1], [1]]
    flashes = SortTracker(confirm=3)
    for frame in range(20):
        flashes.update(np.array([walker(0, 0, 0)]) if frame % 3 else NO_BOXES, STEP)
    assert flashes.tracks == 0


def test_a_stray_box_does_not_take_a_persons_track_away() -> None:
    tracker = SortTracker()
    for frame in range(30):
        boxes = [walker(frame, 100, 2)]
        if frame == 15:
            boxes.insert(0, [112.0, 130.0, 30.0, 60.0])
        found = tracker.update(np.array(boxes), STEP)
        assert found[-1] == 1


def test_precision_and_recall_count_each_person_once() -> None:
    score = Score()
    truth = np.array([[0.0, 0, 10, 10], [50, 0, 10, 10]])
    found = np.array([[0.0, 0, 10, 10], [1, 0, 10, 10], [90, 0, 10, 10]])
    score.add(truth, found, np.array([1, 2]), np.array([7, 8, 9]))
    assert (score.precision, score.recall) == (1 / 3, 1 / 2)
    score.add(truth[:1], found[:1], np.array([1]), np.array([5]))
    assert (score.hits, score.switches) == (2, 1)
    assert (Score().precision, Score().recall) == (0.0, 0.0)
