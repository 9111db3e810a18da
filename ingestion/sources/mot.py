"""Replay of MOT challenge files: ground truth, results or raw detections.

A row is ``frame, id, left, top, width, height, confidence, x, y, z`` (MOT15) or ``frame, id, left,
top, width, height, considered, class, visibility`` (ground truth from MOT16 on). Detections have no
ids (-1) and go through the tracker.
"""

from __future__ import annotations

import configparser
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from infra.settings import UserError
from ingestion.contracts.base import LATEST_MS
from ingestion.landing.withheld import Withheld
from ingestion.sources.record import Record, record_of
from ingestion.sources.replay import (
    Counts,
    Place,
    check_rate,
    empty_frame,
    frame_records,
    line_apart,
    row_apart,
    scene_plan,
    watermark,
)
from ingestion.sources.sorted_blocks import Shape, blocks_in_order, shape_of
from ingestion.sources.text_table import Block, Kind, TextTable
from ingestion.vision.boxes import Floats, Longs, feet
from ingestion.vision.track import SortTracker, Tracker

BODY_M = 1.7
"""Where no scale is given, boxes are taken to be this tall on average, m."""
LONGEST_SILENCE_S = 60.0
"""Frames without rows are frames in which nobody was seen; a longer stretch is a cut of the recording."""
PEOPLE_CLASSES = (1, 2, 7)
"""Of MOT16 and later: pedestrian, person on a vehicle, static person."""
LARGEST = 1e5

_BASE: dict[str, Kind] = {
    "frame": "int",
    "id": "int",
    "left": "float",
    "top": "float",
    "width": "float",
    "height": "float",
    "confidence": "float",
}
LAYOUTS: dict[int, dict[str, Kind]] = {
    7: _BASE,
    9: {**_BASE, "class": "int", "visibility": "float"},
    10: {**_BASE, "x": "float", "y": "float", "z": "float"},
}


@dataclass(frozen=True)
class Look:
    """What a first look over the file finds; boxes by their sound rows only."""

    shape: Shape
    right: float
    bottom: float
    mean_height: float
    most_confident: float


class MotReplay:
    """The records of one file; iterate once, then read :attr:`counts`.

    Args:
        fps: frames a second of the film.
        scale: metres per pixel, None to take it from the mean height of the boxes. Either is a
            rough measure, as the films are seen in perspective.
        tracker: who follows detections that have no ids.

    Raises:
        UserError: the file is missing or empty, has other columns, or the rate or scale is no such.
    """

    def __init__(
        self, path: Path, where: Place, *, fps: float, scale: float | None = None, tracker: Tracker | None = None
    ) -> None:
        check_rate(fps)
        if scale is not None and not 1e-6 <= scale <= 1e3:
            raise UserError(f"{scale} m per pixel is no scale", where="--scale", do="give metres per pixel, e.g. 0.01")
        self.table = _table(path)
        self.where, self.fps = where, fps
        self.counts = Counts()
        self.look = _look(self.table)
        if self.look.shape.low < 0 or where.start_ms + self._offset_ms(self.look.shape.high) > LATEST_MS:
            raise UserError(
                f"column 1 (frame): the frames go from {self.look.shape.low} to {self.look.shape.high}",
                where=str(path),
                do="give frame numbers counted from 1",
            )
        self.scale = scale if scale is not None else round(BODY_M / self.look.mean_height, 6)
        self.counts.other["metres per pixel"] = self.scale
        self._tracker: Tracker = tracker or SortTracker()
        self._last_frame: int | None = None
        self._tracked_s = 0.0
        self._named: set[int] = set()

    def _offset_ms(self, frame: int) -> int:
        """Time of a frame since the first one; frames count from 1."""
        return round((frame - 1) * 1000 / self.fps)

    def __iter__(self) -> Iterator[Record | Withheld]:
        width, height = image_size(self.table.path) or (0, 0)
        yield record_of(
            scene_plan(
                self.where,
                # Drawn boxes reach beyond the picture; their feet must still be on the plan.
                width=max(width, int(np.ceil(self.look.right)), 1),
                height=max(height, int(np.ceil(self.look.bottom)), 1),
                homography=self.scale,
            )
        )
        for block in blocks_in_order(self.table, "frame", self.look.shape):
            yield from self._block(block)
        self.counts.tracks = self._tracker.tracks + len(self._named)
        yield watermark(self.where, self.where.start_ms + self._offset_ms(self.look.shape.high))

    def _block(self, block: Block) -> Iterator[Record | Withheld]:
        where, counts = self.where, self.counts
        counts.rows += len(block) + len(block.bad)
        for line in block.bad:
            counts.apart(line.reason, f"line {line.number}")
            yield line_apart(where, self.table.path, line)
        if "class" in block.columns:
            people = np.isin(block["class"], PEOPLE_CLASSES)
            for kind in np.unique(block["class"][~people]).tolist():
                chosen = block["class"] == kind
                place = f"line {block.line[np.argmax(chosen)]}"
                counts.skip(f"class {kind} is no person", place, int(chosen.sum()))
            block = block.take(people)
        boxes = boxes_of(block)
        confidence = block["confidence"].astype(np.float64)
        good = sound(boxes) & np.isfinite(confidence)
        for row in np.flatnonzero(~good).tolist():
            counts.apart("a box or confidence that is none", f"line {block.line[row]}")
            yield self._apart(block, row)
        if not good.all():
            block, boxes, confidence = block.take(good), boxes[good], confidence[good]
        frames = block["frame"].astype(np.int64)
        ids = block["id"].astype(np.int64)
        starts = np.flatnonzero(np.diff(frames, prepend=frames[:1] - 1))
        names = self._names(frames, ids, boxes, starts)
        foot = np.maximum(feet(boxes), 0.0).round(3)
        # Scores of some detectors are no probabilities; they are then relative to the file's best.
        confidence = np.clip(confidence / max(1.0, self.look.most_confident), 0.0, 1.0)
        columns: dict[str, Floats | npt.NDArray[np.object_]] = {
            "track": names,
            "zone": np.full(len(frames), "scene", dtype=object),
            "x": foot[:, 0],
            "y": foot[:, 1],
            "w": boxes[:, 2],
            "h": boxes[:, 3],
            "confidence": confidence,
        }
        yield from self._with_empty_frames(frames, starts, columns)

    def _with_empty_frames(self, frames: Longs, starts: Longs, columns: dict[str, Any]) -> Iterator[Record | Withheld]:
        """The frames' records, and between them those of the frames that have no row."""
        where, counts = self.where, self.counts
        offsets = np.rint((frames - 1) * 1000 / self.fps).astype(np.int64)
        breaks = [0]
        gaps: list[tuple[int, int]] = []
        last = self._last_frame if self._last_frame is not None else (int(frames[0]) - 1 if len(frames) else 0)
        for start, frame in zip(starts.tolist(), frames[starts].tolist(), strict=True):
            if frame > last + 1:
                breaks.append(start)
                gaps.append((last + 1, frame))
            last = frame
        breaks.append(len(frames))
        for number, (begin, end) in enumerate(itertools.pairwise(breaks)):
            if number:
                first, beyond = gaps[number - 1]
                if (beyond - first) / self.fps > LONGEST_SILENCE_S:
                    counts.other["cuts of the film"] = counts.other.get("cuts of the film", 0) + 1
                else:
                    for frame in range(first, beyond):
                        yield empty_frame(where, counts, where.start_ms + self._offset_ms(frame))
            piece = {name: column[begin:end] for name, column in columns.items()}
            yield from frame_records(where, counts, where.start_ms + offsets[begin:end], piece)
        self._last_frame = last

    def _names(self, frames: Longs, ids: Longs, boxes: Floats, starts: Longs) -> npt.NDArray[np.object_]:
        """Track names: the file's ids, and the tracker's numbers where there is none."""
        names = ids.astype(str).astype(object)
        nameless = ids < 0
        self._named.update(np.unique(ids[~nameless]).tolist())
        if not nameless.any():
            return names
        ends = [*starts[1:].tolist(), len(frames)]
        for start, end in zip(starts.tolist(), ends, strict=True):
            mine = start + np.flatnonzero(nameless[start:end])
            now = int(frames[start]) / self.fps
            numbers = self._tracker.update(boxes[mine], max(0.0, now - self._tracked_s))
            self._tracked_s = now
            names[mine] = [f"t{number}" for number in numbers.tolist()]
        return names

    def _apart(self, block: Block, row: int) -> Record:
        left, top, width, height, confidence = (
            float(block[name][row]) for name in ("left", "top", "width", "height", "confidence")
        )
        return row_apart(
            self.where,
            self.where.start_ms + self._offset_ms(int(block["frame"][row])),
            {
                "track": str(block["id"][row]),
                "zone": "scene",
                "x": left + width / 2,
                "y": top + height,
                "w": width,
                "h": height,
                "confidence": confidence,
            },
        )


def boxes_of(block: Block) -> Floats:
    """The block's boxes, shape (N, 4): left, top, width, height in px."""
    return np.column_stack([block[name].astype(np.float64) for name in ("left", "top", "width", "height")])


def sound(boxes: Floats) -> npt.NDArray[np.bool_]:
    """Which boxes (N, 4) are boxes: finite, with a size, and touching the quadrant that pictures lie in."""
    with np.errstate(invalid="ignore"):
        sized = (boxes[:, 2:] >= 0).all(axis=1) & (np.abs(boxes) <= LARGEST).all(axis=1)
        inside = (boxes[:, :2] + boxes[:, 2:] >= 0).all(axis=1)
    return np.asarray(sized & inside)


def image_size(path: Path) -> tuple[int, int] | None:
    """Width and height (px) by the ``seqinfo.ini`` beside the file or one folder up (as MOT lays them out)."""
    for folder in (path.parent, path.parent.parent):
        parser = configparser.ConfigParser()
        try:
            parser.read(folder / "seqinfo.ini", encoding="utf-8")
            return parser.getint("Sequence", "imWidth"), parser.getint("Sequence", "imHeight")
        except (configparser.Error, ValueError):
            continue
    return None


def _table(path: Path) -> TextTable:
    try:
        with path.open("rb") as file:
            first = file.readline(1 << 16)
    except OSError as fault:
        raise UserError(f"cannot read the file: {fault.strerror}", where=str(path), do="check the path") from fault
    count = len(first.split(b","))
    # An unusual count is reported by the table, against the most common layout.
    table = TextTable(path, LAYOUTS.get(count, LAYOUTS[10]))
    table.check()
    return table


def _look(table: TextTable) -> Look:
    """Read the file once for its extents.

    Raises:
        UserError: no row of the file is a box.
    """
    shape = shape_of(table, "frame")
    right = bottom = best = heights = 0.0
    count = 0
    for block in table.blocks():
        boxes = boxes_of(block)
        boxes = boxes[sound(boxes)]
        confidence = block["confidence"].astype(np.float64)
        confidence = confidence[np.isfinite(confidence)]
        if len(boxes):
            foot = feet(boxes)
            right, bottom = max(right, float(foot[:, 0].max())), max(bottom, float(foot[:, 1].max()))
            heights += float(boxes[:, 3].sum())
            count += len(boxes)
        if len(confidence):
            best = max(best, float(confidence.max()))
    if not heights:
        raise UserError("no row holds a box with a height", where=str(table.path), do="check columns 3 to 6")
    return Look(shape, right, bottom, heights / count, best)
