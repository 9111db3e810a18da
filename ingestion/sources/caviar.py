"""Replay of CAVIAR track points (as published with RTEC): hand-labelled positions every 40 ms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np

from infra.settings import UserError
from ingestion.contracts.base import LATEST_MS
from ingestion.contracts.video import Motion
from ingestion.landing.withheld import Withheld
from ingestion.sources.record import Record, record_of
from ingestion.sources.replay import Counts, Place, frame_records, line_apart, row_apart, scene_plan, watermark
from ingestion.sources.sorted_blocks import Shape, blocks_in_order, shape_of
from ingestion.sources.text_table import Block, TextTable
from ingestion.sources.track_splitter import TrackSplitter

METRES_PER_PIXEL = 0.05
"""The fighting definition's 34 px are then 1.7 m, which the rules' `caviar` profile relies on."""
WIDTH, HEIGHT = 384, 288
"""Image size of the CAVIAR films (half PAL), px."""
MOTIONS = get_args(Motion)
LARGEST = 1e6
COLUMNS = {"t": "int", "id": "text", "x": "float", "y": "float", "movement": "text"}


class CaviarReplay:
    """The records of one file; iterate once, then read :attr:`counts`.

    Raises:
        UserError: the file is missing, empty or has other columns.
    """

    def __init__(self, tracks: Path, where: Place) -> None:
        self.table = TextTable(tracks, COLUMNS, header=True)  # type: ignore[arg-type]
        self.where = where
        self.counts = Counts()
        self.shape: Shape = shape_of(self.table, "t")
        if self.shape.low < 0 or where.start_ms + self.shape.high > LATEST_MS:
            raise UserError(
                f"column 1 (t): the times go from {self.shape.low} to {self.shape.high} ms",
                where=str(tracks),
                do="give times in ms since the film's beginning",
            )

    def __iter__(self) -> Iterator[Record | Withheld]:
        where, counts = self.where, self.counts
        yield record_of(scene_plan(where, width=WIDTH, height=HEIGHT, homography=METRES_PER_PIXEL, profile="caviar"))
        splitter = TrackSplitter(METRES_PER_PIXEL)
        for block in blocks_in_order(self.table, "t", self.shape):
            yield from self._block(block, splitter)
        counts.tracks = splitter.tracks
        yield watermark(where, where.start_ms + self.shape.high)

    def _block(self, block: Block, splitter: TrackSplitter) -> Iterator[Record | Withheld]:
        where, counts = self.where, self.counts
        counts.rows += len(block) + len(block.bad)
        for line in block.bad:
            counts.apart(line.reason, f"line {line.number}")
            yield line_apart(where, self.table.path, line)
        x, y = block["x"].astype(np.float64), block["y"].astype(np.float64)
        placed = (np.abs(x) <= LARGEST) & (np.abs(y) <= LARGEST)
        labelled = np.isin(block["movement"].astype(str), MOTIONS)
        named = np.char.str_len(block["id"].astype(str)) <= 56  # with its number a contract's 64
        good = placed & labelled & named
        for row in np.flatnonzero(~good).tolist():
            reason = (
                "a coordinate that is no position"
                if not placed[row]
                else f"unknown movement {str(block['movement'][row])[:40]!r}"
                if not labelled[row]
                else "an id that is too long"
            )
            counts.apart(reason, f"line {block.line[row]}")
            yield row_apart(
                where,
                where.start_ms + int(block["t"][row]),
                {
                    "track": str(block["id"][row]),
                    "zone": "scene",
                    "x": float(x[row]),
                    "y": float(y[row]),
                    "motion": str(block["movement"][row]),
                },
            )
        rows = block.take(good)
        t_ms = rows["t"].astype(np.int64)
        ids = rows["id"].astype(object)
        names = splitter.names(t_ms, ids, x[good], y[good])
        yield from frame_records(
            where,
            counts,
            where.start_ms + t_ms,
            {
                "track": names,
                "zone": np.full(len(rows), "scene", dtype=object),
                "x": x[good],
                "y": y[good],
                "motion": rows["movement"].astype(object),
            },
        )
