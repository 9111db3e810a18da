"""Blocks of a table in time order, cut between moments, whatever the order of the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from infra.settings import UserError
from ingestion.sources.text_table import Block, TextTable, joined

SORT_ROWS = 5_000_000
"""A file that is not in time order is sorted in memory, up to this many rows."""


@dataclass(frozen=True)
class Shape:
    """What a first look over a whole file finds."""

    rows: int
    in_order: bool
    low: int
    high: int
    """Smallest and largest value of the time column."""


def shape_of(table: TextTable, time: str) -> Shape:
    """Read the time column once.

    Raises:
        UserError: the file cannot be read as this table, or holds no row.
    """
    rows, in_order, low, high, last = 0, True, 2**62, -(2**62), -(2**62)
    for block in table.blocks():
        rows += len(block)
        values = block[time].astype(np.int64)
        if len(values):
            in_order &= bool(values[0] >= last) and bool((np.diff(values) >= 0).all())
            last, low, high = int(values[-1]), min(low, int(values.min())), max(high, int(values.max()))
    if not rows:
        raise UserError("the file has no rows", where=str(table.path), do="give a file with rows")
    return Shape(rows, in_order, low, high)


def blocks_in_order(table: TextTable, time: str, shape: Shape) -> Iterator[Block]:
    """Blocks whose rows are in time order over all blocks; one moment is never in two blocks.

    Raises:
        UserError: a file out of order is too long to be sorted in memory.
    """
    if not shape.in_order:
        if shape.rows > SORT_ROWS:
            raise UserError(
                f"the rows are not in the order of {time}, and {shape.rows} are too many to sort in memory",
                where=str(table.path),
                do=f"sort the file by {time} first",
            )
        whole = joined(list(table.blocks()))
        order = np.argsort(whole[time], kind="stable")
        yield Block(whole.line[order], {n: c[order] for n, c in whole.columns.items()}, whole.bad)
        return
    held: Block | None = None
    for block in table.blocks():
        if held is not None:
            block = joined([held, block])
        if not len(block):
            held = block
            continue
        # The last moment may go on in the next block.
        end = int(np.searchsorted(block[time], block[time][-1], side="left"))
        ready, rest = block.take(slice(0, end)), block.take(slice(end, None))
        yield Block(ready.line, ready.columns, block.bad)
        held = rest
    if held is not None:
        yield held
