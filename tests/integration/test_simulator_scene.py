"""Drawn scenes: pictures and true boxes that a detector can be tried on."""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from ingestion.sources.simulator import render_scene

Box = tuple[float, float, float, float]


def boxes(path: Path) -> dict[int, list[Box]]:
    found: dict[int, list[Box]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for row in csv.reader(lines):
            left, top, width, height = (float(v) for v in row[2:6])
            found[int(row[0])].append((left, top, width, height))
    return found


def overlap(a: Box, b: Box) -> float:
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(0.0, width) * max(0.0, height)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def test_a_folder_holds_a_picture_a_frame_and_the_boxes_lie_on_what_moved(tmp_path: Path) -> None:
    drawn = render_scene(tmp_path / "scene", seconds=4, fps=5, people=3)
    pictures = sorted((tmp_path / "scene").glob("*.png"))
    assert drawn.frames == len(pictures) == 20
    truth = boxes(drawn.truth)
    assert drawn.boxes == sum(len(b) for b in truth.values()) > 10
    empty = np.median([cv2.imread(str(p)) for p in pictures], axis=0)
    for number, found in truth.items():
        picture = cv2.imread(str(pictures[number - 1]))
        changed = np.abs(picture - empty).max(axis=2) > 30
        for left, top, width, height in found:
            inside = changed[max(0, int(top)) : int(top + height), int(left) : int(left + width)]
            assert inside.mean() > 0.1
            changed[max(0, int(top) - 8) : int(top + height) + 12, max(0, int(left) - 12) : int(left + width) + 12] = 0
        assert changed.mean() < 0.02


def test_the_people_are_found_by_a_detector_of_people(tmp_path: Path) -> None:
    drawn = render_scene(tmp_path / "scene", seconds=8, fps=2)
    finder = cv2.HOGDescriptor()
    finder.setSVMDetector(cv2.HOGDescriptor_getDefaultPeopleDetector())
    found = expected = 0
    for number, true in boxes(drawn.truth).items():
        picture = cv2.imread(str(tmp_path / "scene" / f"{number:06d}.png"))
        seen, _ = finder.detectMultiScale(picture, winStride=(8, 8), scale=1.05)
        expected += len(true)
        found += sum(any(overlap(box, tuple(map(float, s))) > 0.35 for s in seen) for box in true)
    assert found / expected > 0.6


def test_a_video_file_can_be_read_back_and_goes_dark_and_still_when_told(tmp_path: Path) -> None:
    drawn = render_scene(tmp_path / "scene.mp4", seconds=6, fps=10, dark=(2, 3), frozen=(4, 5))
    video = cv2.VideoCapture(str(tmp_path / "scene.mp4"))
    pictures = []
    while (got := video.read())[0]:
        pictures.append(got[1].astype(float))
    assert len(pictures) == drawn.frames == 60
    assert max(p.mean() for p in pictures[21:29]) < 20 < min(p.mean() for p in pictures[:19])
    # The codec needs some frames to settle once the picture stands still.
    still = [np.abs(b - a).mean() for a, b in pairwise(pictures[44:49])]
    moving = [np.abs(b - a).mean() for a, b in pairwise(pictures[5:16])]
    assert max(still) < min(moving)
    assert not set(range(21, 31)) & set(boxes(drawn.truth))
