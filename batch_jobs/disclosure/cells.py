"""Linked tables as one system of cells: non-negative whole numbers and the sums that tie them together.

Tables of one subject, their totals, rolling windows and earlier publications differ in nothing but which sums hold
between their cells, so this is all that the suppressor and the audit see.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Protection:
    """What a reader may at most find out about a small count.

    A count over 0 and under ``threshold`` is small; 0 too where ``zero_is_small``. A small count is protected where
    the reader cannot exclude any number from 0 to ``threshold``, except those that the cells which are public by
    policy exclude already.
    """

    threshold: int = 3
    zero_is_small: bool = False

    def small(self, values: Counts) -> Flags:
        """Which counts are small."""
        return (values < self.threshold) & ((values > 0) | self.zero_is_small)


@dataclass(frozen=True)
class Cells:
    """n cells and the m sums between them: ``relations @ values == 0``.

    Attributes:
        values: the true counts, whole and not negative, shape (n,).
        relations: csr, shape (m, n), whole coefficients; each row is one sum, e.g. +1 for the parts, -1 for the total.
        public: cells that are published whatever happens (by policy, or because they have been), shape (n,).
        hidden: cells that are never published, such as the finest parts of published sums, shape (n,).
        sensitive: small counts that must be protected, shape (n,).
        rank: a cell of a higher rank is withheld only for what cells of lower ranks cannot do, shape (n,).
        weight: how much is lost with a cell that is withheld, over 0, shape (n,).
        floor: numbers that a cell is known to reach, withheld or not (a row that is there because something
            happened says so), shape (n,).
    """

    values: Counts
    relations: csr_array
    public: Flags
    hidden: Flags
    sensitive: Flags
    rank: Counts
    weight: NDArray[np.float64]
    floor: Counts

    def __post_init__(self) -> None:
        n = len(self.values)
        if self.relations.shape[1] != n or any(
            len(part) != n for part in (self.public, self.hidden, self.sensitive, self.rank, self.weight, self.floor)
        ):
            raise ValueError(f"the parts do not all speak of {n} cells")
        if (self.floor < 0).any() or (self.values < self.floor).any():
            raise ValueError(f"cell {int(np.argmin(self.values - self.floor))} is under its floor: counts are not")
        off = np.flatnonzero(self.relations @ self.values)
        if len(off):
            raise ValueError(f"{len(off)} sums do not hold, the first is relation {int(off[0])}")
        if (self.public & self.hidden).any():
            raise ValueError("a cell cannot be both public and hidden")


def touching(relations: csr_array, columns: csc_array, chosen: Indices) -> Indices:
    """The relations that hold at least one of the chosen cells."""
    return np.unique(_entries(columns, chosen))


def _entries(matrix: csr_array | csc_array, rows: Indices) -> Indices:
    """The indices stored in some rows (of csr) or columns (of csc), one after the other."""
    starts, ends = matrix.indptr[rows], matrix.indptr[rows + 1]
    lengths = ends - starts
    offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    return np.asarray(matrix.indices[offsets + np.arange(lengths.sum())], dtype=np.int64)


def parts(matrix: csr_array) -> list[tuple[Indices, Indices]]:
    """The rows and columns of each part of a matrix that hangs together; a column without a row is a part."""
    m, k = matrix.shape
    entries = matrix.tocoo()
    graph = csr_array((np.ones(len(entries.data)), (entries.row, entries.col + m)), shape=(m + k, m + k))
    count, label = connected_components(graph, directed=False)
    rows, columns = np.argsort(label[:m], kind="stable"), np.argsort(label[m:], kind="stable")
    edges = np.arange(1, count)
    of_rows = np.split(rows, np.searchsorted(label[:m][rows], edges))
    of_columns = np.split(columns, np.searchsorted(label[m:][columns], edges))
    return [pair for pair in zip(of_rows, of_columns, strict=True) if len(pair[1])]


def neighbourhood(relations: csr_array, columns: csc_array, movable: Flags, start: int, size: int) -> Indices:
    """Cells reached from one through sums of movable cells, nearest first, until there are at least ``size``.

    Returns:
        Sorted indices; all that can be reached where they are fewer.
    """
    reached = np.zeros(len(movable), dtype=bool)
    reached[start] = True
    frontier = np.array([start], dtype=np.int64)
    seen = np.zeros(relations.shape[0], dtype=bool)
    count = 1
    while len(frontier) and count < size:
        rows = touching(relations, columns, frontier)
        rows = rows[~seen[rows]]
        seen[rows] = True
        found = np.unique(_entries(relations, rows))
        frontier = found[movable[found] & ~reached[found]]
        reached[frontier] = True
        count += len(frontier)
    return np.flatnonzero(reached)


def public_limits(cells: Cells) -> tuple[Counts, Counts]:
    """Bounds of every cell from the public cells and the floors alone, one sum at a time; the true ones are no wider.

    Returns:
        Least and most, each of shape (n,); most is over 10^9 where nothing limits a cell.
    """
    entries = cells.relations.tocoo()
    row, column, factor = entries.row, entries.col, entries.data.astype(np.int64)
    far = 4 * 10**9
    low, high = np.where(cells.public, cells.values, cells.floor), np.where(cells.public, cells.values, far)
    while True:
        # factor * x is at most what the others' least leaves, and at least what their most does.
        ends = factor * low[column], factor * high[column]
        least, most = np.minimum(*ends), np.maximum(*ends)
        sum_least = np.zeros(cells.relations.shape[0], dtype=np.int64)
        sum_most = sum_least.copy()
        np.add.at(sum_least, row, least)
        np.add.at(sum_most, row, most)
        top, bottom = least - sum_least[row], most - sum_most[row]
        up, down = factor > 0, factor < 0
        new_low, new_high = low.copy(), high.copy()
        np.minimum.at(new_high, column[up], top[up] // factor[up])
        np.maximum.at(new_low, column[up], -(-bottom[up] // factor[up]))
        np.minimum.at(new_high, column[down], bottom[down] // factor[down])
        np.maximum.at(new_low, column[down], -(-top[down] // factor[down]))
        if (new_low == low).all() and (new_high == high).all():
            return low, high
        low, high = new_low, new_high
