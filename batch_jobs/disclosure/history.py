"""What has been published before constrains what may be withheld now.

All publications are one system of cells. A count that has not changed since an earlier publication is the same cell,
so what was published of it stays published, and a rolling window of this month differs from last month's by two
months' counts like any other sum. A count that has been corrected is a new cell beside the old one. Readers are
assumed to know which counts have been corrected, though not by how much: one who does not knows less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from batch_jobs.disclosure.cells import Cells, Flags, Indices

_WITHHELD_BEFORE = 1e-2
"""Weight of a count that was withheld before, as a share of what it would weigh otherwise."""


@dataclass(frozen=True)
class Released:
    """Everything published so far. ``cells.public`` says which cells have been, all others are hidden.

    Attributes:
        names: name of each cell's count, shape (n,); a corrected count has several cells of one name, the last of
            which is the latest.
        cells: the system.
    """

    names: list[str]
    cells: Cells


def together(before: Released | None, names: list[str], now: Cells) -> tuple[list[str], Cells, Indices]:
    """One system of the earlier publications and the tables of now.

    Args:
        before: the earlier publications; None for none.
        names: a name of each cell of ``now``, the same from publication to publication.
        now: the tables of now.

    Returns:
        Names and cells of the whole, and the places in it of the cells of now. What was published is public; what was
        withheld then and is corrected now is hidden, and protected as before. What was withheld then, unchanged and
        may be withheld now costs next to nothing, so that a reader sees few gaps open and close.
    """
    if before is None:
        return names, now, np.arange(len(names))
    latest = {name: place for place, name in enumerate(before.names)}
    old, n = before.cells, len(before.names)
    place = np.array([latest.get(name, -1) for name in names], dtype=np.int64)
    same = (place >= 0) & (old.values[place] == now.values)
    place[~same] = n + np.arange(int((~same).sum()))
    size = n + int((~same).sum())

    def padded(earlier: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([earlier, np.zeros(size - n, dtype=earlier.dtype)])

    def part(earlier: NDArray[Any], later: NDArray[Any]) -> NDArray[Any]:
        whole = padded(earlier)
        whole[place] = later
        return whole

    public = padded(old.public) | part(np.zeros(n, dtype=bool), now.public)
    weight = part(old.weight, now.weight)
    weight[place[same & ~old.public[np.minimum(place, n - 1)]]] *= _WITHHELD_BEFORE
    columns = place[now.relations.indices]
    moved = csr_array((now.relations.data, columns, now.relations.indptr), shape=(now.relations.shape[0], size))
    earlier = csr_array(
        (old.relations.data, old.relations.indices, old.relations.indptr), shape=(old.relations.shape[0], size)
    )
    whole = Cells(
        values=part(old.values, now.values),
        relations=_distinct(csr_array(vstack([earlier, moved]))),
        public=public,
        hidden=part(np.ones(n, dtype=bool), now.hidden) & ~public,
        sensitive=part(old.sensitive, now.sensitive),
        rank=part(np.zeros(n, dtype=np.int64), now.rank),
        weight=weight,
        floor=np.maximum(padded(old.floor), part(old.floor, now.floor)),
    )
    return before.names + [name for name, known in zip(names, same, strict=True) if not known], whole, place


def released(names: list[str], whole: Cells, withheld: Flags, place: Indices) -> Released:
    """Everything published once the tables of now are: those cells of them that are not withheld, and all before.

    Args:
        names: as :func:`together` gave them.
        whole: as :func:`together` gave it.
        withheld: over the whole, shape (n,).
        place: the cells of now in it.
    """
    shown = np.zeros(len(names), dtype=bool)
    shown[place] = True
    public = whole.public | (shown & ~withheld & ~whole.hidden)
    return Released(names, replace(whole, public=public, hidden=~public))


def _distinct(relations: csr_array) -> csr_array:
    """The relations without those that are there twice."""
    relations.sort_indices()
    first: dict[tuple[bytes, bytes], int] = {}
    for row in range(relations.shape[0]):
        start, end = relations.indptr[row], relations.indptr[row + 1]
        first.setdefault((relations.indices[start:end].tobytes(), relations.data[start:end].tobytes()), row)
    return relations[np.fromiter(first.values(), dtype=np.int64)]
