"""Replay of the ETH walking pedestrians' `obsmat` (OpenTraj): positions in metres, 2.5 a second.

There are no pictures, so the camera of the plan is a made-up one that looks straight down: one pixel
is one centimetre, and its homography gives back the file's metres.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from infra.settings import UserError
from ingestion.contracts.base import LATEST_MS
from ingestion.landing.withheld import Withheld
from ingestion.sources.record import Record, record_of
from ingestion.sources.replay import (
    Counts,
    Place,
    check_rate,
    frame_records,
    line_apart,
    row_apart,
    scene_plan,
    watermark,
)
from ingestion.sources.sorted_blocks import blocks_in_order, shape_of
from ingestion.sources.text_table import Block, Kind, TextTable
from ingestion.vision.boxes import Floats

COLUMNS: dict[str, Kind] = {
    "frame": "int",
    "id": "int",
    "x": "float",
    "z": "float",
    "y": "float",
    "vx": "float",
    "vz": "float",
    "vy": "float",
}
ANNOTATED_S = 0.4
"""Time between two annotated frames."""
METRES_PER_PIXEL = 0.01
LARGEST_M = 1000.0
MARGIN_M = 1.0


class EthReplay:
    """The records of one file; iterate once, then read :attr:`counts`.

    Args:
        fps: the film's frames a second; None where the smallest step between two annotated frames
            is 0.4 s, as in all files of this data set.

    Raises:
        UserError: the file is missing or empty, has other columns, or the rate is none.
    """

    def __init__(self, path: Path, where: Place, *, fps: float | None = None) -> None:
        self.table = TextTable(path, COLUMNS, delimiter=None)
        self.where = where
        self.counts = Counts()
        self.shape = shape_of(self.table, "frame")
        low, high, step = self._look()
        self.fps = fps if fps is not None else step / ANNOTATED_S
        check_rate(self.fps)
        if self.shape.low < 0 or where.start_ms + self._offset_ms(self.shape.high) > LATEST_MS:
            raise UserError(
                f"column 1 (frame): the frames go from {self.shape.low} to {self.shape.high}",
                where=str(path),
                do="give frame numbers counted from the film's beginning",
            )
        self.origin, self.extent = low, high - low
        self.counts.other["frames a second"] = self.fps

    def _look(self) -> tuple[Floats, Floats, int]:
        """Corners (m) of the floor walked on, and the smallest step between two frames."""
        low, high = np.full(2, np.inf), np.full(2, -np.inf)
        steps: list[int] = []
        for block in self.table.blocks():
            spots = _spots(block)
            spots = spots[_sound(spots)]
            if len(spots):
                low, high = np.minimum(low, spots.min(axis=0)), np.maximum(high, spots.max(axis=0))
            difference = np.diff(np.unique(block["frame"].astype(np.int64)))
            if len(difference):
                steps.append(int(difference.min()))
        if not np.isfinite(low).all():
            raise UserError("no row holds a position", where=str(self.table.path), do="check columns 3 and 5")
        return np.floor(low - MARGIN_M), np.ceil(high + MARGIN_M), min(steps, default=1)

    def _offset_ms(self, frame: int) -> int:
        return round(frame * 1000 / self.fps)

    def __iter__(self) -> Iterator[Record | Withheld]:
        where = self.where
        scale, (x0, y0) = METRES_PER_PIXEL, self.origin.tolist()
        width, height = np.rint(self.extent / scale).astype(int).tolist()
        yield record_of(
            scene_plan(where, width=width, height=height, homography=[scale, 0.0, x0, 0.0, scale, y0, 0.0, 0.0, 1.0])
        )
        people: set[int] = set()
        for block in blocks_in_order(self.table, "frame", self.shape):
            yield from self._block(block, people)
        self.counts.tracks = len(people)
        yield watermark(where, where.start_ms + self._offset_ms(self.shape.high))

    def _block(self, block: Block, people: set[int]) -> Iterator[Record | Withheld]:
        where, counts = self.where, self.counts
        counts.rows += len(block) + len(block.bad)
        for line in block.bad:
            counts.apart(line.reason, f"line {line.number}")
            yield line_apart(where, self.table.path, line)
        spots = _spots(block)
        good = _sound(spots)
        pixels = ((spots - self.origin) / METRES_PER_PIXEL).round(2)
        for row in np.flatnonzero(~good).tolist():
            counts.apart("a position that is none", f"line {block.line[row]}")
            x, y = pixels[row].tolist()
            detection: dict[str, object] = {"track": str(block["id"][row]), "zone": "scene", "x": x, "y": y}
            yield row_apart(where, where.start_ms + self._offset_ms(int(block["frame"][row])), detection)
        rows, pixels = block.take(good), pixels[good]
        ids = rows["id"].astype(np.int64)
        people.update(np.unique(ids).tolist())
        offsets = np.rint(rows["frame"].astype(np.int64) * 1000 / self.fps).astype(np.int64)
        yield from frame_records(
            where,
            counts,
            where.start_ms + offsets,
            {
                "track": ids.astype(str).astype(object),
                "zone": np.full(len(rows), "scene", dtype=object),
                "x": pixels[:, 0],
                "y": pixels[:, 1],
            },
        )


def _spots(block: Block) -> Floats:
    """Floor positions (N, 2) in m. The file's y is the second axis of the floor, its z is up."""
    return np.column_stack([block["x"].astype(np.float64), block["y"].astype(np.float64)])


def _sound(spots: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray((np.abs(spots) <= LARGEST_M).all(axis=1))
