"""Which cells to withhold so that every small count stays protected.

Every small count needs two other tables that agree with everything published: one in which it is 0, one in which it
reaches the threshold. Each is found as the cheapest *move* away from the true table: changes to cells that are zero
for every published cell and keep all sums. The cells that a move changes are then withheld; those withheld already cost
nothing. This is the linear programming heuristic of Kelly, Golden and Assad (1992, Networks 22:397-417), which
Fischetti and Salazar (2000, JASA 95:916-928) use to start their exact method, for general linked tables, in whole
numbers, and with one change: where there are many small counts, one programme asks for the moves of all of them
together, which takes a handful of programmes where theirs takes two for each count. What is left is done one by one.

The moves are the proof: nobody who sees only what is published can tell the true table from a moved one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from batch_jobs.disclosure.cells import (
    Cells,
    Counts,
    Flags,
    Indices,
    Protection,
    neighbourhood,
    parts,
    public_limits,
    touching,
)
from batch_jobs.disclosure.solver import best, minimise

_FIRST_LOOK = 300
"""Cells in the first neighbourhood in which one count's move is sought; where there is none, ten times as many."""
_FEW = 150
"""Small counts up to which each has a programme of its own: more is kept, at some milliseconds a count."""
_GROUPS = (1, 4)
"""Into how many groups many small counts are taken, one after the other, as long as some are left."""
_WORTH_IT = 20
"""A programme is asked again with what it left undone while it does at least one in so many."""
_FREE = 1e-3
"""Cost of changing a cell that is withheld already; over 0, so that moves stay small."""
_REWARD = 1e6
"""Gain of a wanted change; over the cost of any move that is worth its while."""


@dataclass(frozen=True)
class Suppression:
    """What to withhold.

    Attributes:
        withheld: cells to withhold, shape (n,); hidden cells are not among them.
        primary: of these, those withheld for their own sake.
        low: the least number that a reader cannot exclude, as far as the moves prove; of cells not withheld, the
            true one. Shape (n,).
        high: the most.
        known: small counts that the public cells give away whatever is withheld. They are not withheld: that would only
            look like protection. Shape (n,).
        moves: the proof: changes to other tables that a reader cannot tell from the true one, each of shape (n,).
    """

    withheld: Flags
    primary: Flags
    low: Counts
    high: Counts
    known: Flags
    moves: list[Counts]


class _Needs:
    """Changes of small counts that must be possible: down to 0, and up to the threshold or as far as can be."""

    def __init__(self, cells: Cells, protection: Protection) -> None:
        small = np.where(cells.sensitive & ~cells.public, 1, 0)
        least, most = public_limits(cells)
        self.down = small * (cells.values - least)
        self.up = small * np.maximum(np.minimum(protection.threshold, most) - cells.values, 0)

    def met(self, move: Counts) -> int:
        """Strike off what a move does; returns how many needs it was."""
        done = (self.down > 0) & (move <= -self.down), (self.up > 0) & (move >= self.up)
        self.down[done[0]] = 0
        self.up[done[1]] = 0
        return int(done[0].sum() + done[1].sum())


class _Search:
    """Moves within one system of cells, with what is withheld so far."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.columns = cells.relations.tocsc()
        self.withheld = cells.sensitive & ~cells.hidden & ~cells.public
        self.room = (cells.values - cells.floor).astype(float)
        """How far down each cell can go."""

    def movable(self, rank: int) -> Flags:
        """Cells that may be withheld before any of a higher rank is."""
        return ~self.cells.public & (self.withheld | self.cells.hidden | (self.cells.rank <= rank))

    def _cost(self, chosen: Indices) -> NDArray[np.float64]:
        free = self.withheld[chosen] | self.cells.hidden[chosen]
        return np.where(free, _FREE, self.cells.weight[chosen])

    def _whole(self, chosen: Indices, changes: Counts) -> Counts:
        move = np.zeros(len(self.cells.values), dtype=np.int64)
        move[chosen] = changes
        return move

    def together(self, down: Counts, up: Counts, rank: int) -> Counts:
        """The move that makes as many of the wanted changes as there can be at once, at the least cost."""
        movable = np.flatnonzero(self.movable(rank))
        matrix = self.cells.relations[:, movable]
        matrix = matrix[np.flatnonzero(np.diff(matrix.indptr))]
        wanted = (down + up)[movable] > 0
        move = np.zeros_like(down)
        for rows, columns in parts(matrix):
            if wanted[columns].any():
                own = movable[columns]
                move[own] = self._best_move(matrix[rows][:, columns], own, down[own], up[own])
        return move

    def _best_move(self, matrix: csr_array, own: Indices, down: Counts, up: Counts) -> Counts:
        """:meth:`together` within cells that hang together."""
        k, cost = len(own), self._cost(own)
        rises, falls = np.where(up > 0, -_REWARD, cost), np.where(down > 0, -_REWARD, cost)
        most_up = np.where(up > 0, up, np.where(down > 0, 0.0, np.inf))
        most_down = np.where(up > 0, 0.0, self.room[own])
        x = best(
            np.concatenate([rises, falls]),
            csr_array(hstack([matrix, -matrix])),
            np.zeros(matrix.shape[0]),
            np.zeros(2 * k),
            np.concatenate([most_up, most_down]),
        )
        return _whole_parts(matrix, x[:k] - x[k:])

    def alone(self, cell: int, change: int, rank: int) -> Counts | None:
        """The cheapest move that changes one cell by so much, from its neighbourhood where there is one."""
        size, before = _FIRST_LOOK, 0
        while True:
            near = neighbourhood(self.cells.relations, self.columns, self.movable(rank), cell, size)
            if len(near) == before:
                return None
            rows = touching(self.cells.relations, self.columns, near)
            matrix = self.cells.relations[rows][:, near]
            k, here = len(near), int(np.searchsorted(near, cell))
            least, most = np.zeros(2 * k), np.concatenate([np.full(k, np.inf), self.room[near]])
            least[here] = most[here] = max(change, 0)
            least[k + here] = most[k + here] = max(-change, 0)
            cost = np.tile(self._cost(near), 2)
            x = minimise(cost, csr_array(hstack([matrix, -matrix])), np.zeros(len(rows)), least, most)
            if x is not None:
                return self._whole(near, x[:k] - x[k:])
            if len(near) < size:
                return None
            size, before = size * 10, len(near)


def _whole_parts(matrix: csr_array, changes: NDArray[np.float64]) -> Counts:
    """The changes without those parts, hanging together by sums, that are not in whole numbers."""
    moved = np.flatnonzero(np.abs(changes) > 1e-6)
    near = np.rint(changes)
    whole = np.zeros(len(changes), dtype=np.int64)
    for _, columns in parts(matrix[:, moved]):
        own = moved[columns]
        if np.abs(changes[own] - near[own]).max() < 1e-6:
            whole[own] = near[own].astype(np.int64)
    if (matrix @ whole).any():
        raise ArithmeticError("HiGHS gave a move that breaks the sums")
    return whole


def suppress(cells: Cells, protection: Protection) -> Suppression:
    """Choose what to withhold.

    Args:
        cells: the whole system: all tables that share sums, and what was published before.
        protection: how far a small count must stay open.

    Returns:
        The decision with its proof. Every cell withheld is changed by one of the moves, so none can be worked out;
        every small cell stays open as far as the public cells allow.

    Raises:
        ArithmeticError: the solver failed.
    """
    search, needs = _Search(cells), _Needs(cells, protection)
    nothing = np.zeros_like(needs.up)
    moves: list[Counts] = []

    def accept(move: Counts) -> int:
        done = needs.met(move)
        if done:
            moves.append(move)
            search.withheld |= (move != 0) & ~cells.hidden
        return done

    # Small counts that share a total stand in each other's way; groups that take every so manieth part them.
    ranks = np.unique(cells.rank).tolist()
    rounds = [(rank, groups) for rank in ranks for groups in _GROUPS if rank == ranks[-1] or groups < 9]
    many = np.count_nonzero(needs.down + needs.up) > _FEW
    for rank, groups in rounds if many else []:
        small = np.flatnonzero(needs.down + needs.up)
        for first in range(min(groups, len(small))):
            now = np.zeros_like(nothing)
            now[small[first::groups]] = 1
            asked, done = 0, 1
            while done * _WORTH_IT > asked:
                down, up = now * needs.down, now * needs.up
                asked = np.count_nonzero(down) + np.count_nonzero(up)
                done = accept(search.together(down, nothing, rank)) if down.any() else 0
                done += accept(search.together(nothing, up, rank)) if up.any() else 0
    for cell in np.flatnonzero(needs.down + needs.up):
        for sign, wanted in ((-1, needs.down), (1, needs.up)):
            while wanted[cell]:
                tries = (search.alone(int(cell), sign * int(wanted[cell]), rank) for rank in ranks)
                move = next((move for move in tries if move is not None), None)
                if move is None:
                    wanted[cell] -= 1  # public cells do not let it go so far
                else:
                    accept(move)
    return _decided(cells, protection, moves)


def _decided(cells: Cells, protection: Protection, moves: list[Counts]) -> Suppression:
    """The decision from its moves, without those that others make needless."""
    kept = list(moves)
    for move in moves:
        others = [other for other in kept if other is not move]
        if _reach(cells, protection, others) == _reach(cells, protection, kept):
            kept = others
    withheld = np.zeros(len(cells.values), dtype=bool)
    low, high = cells.values.copy(), cells.values.copy()
    for move in kept:
        withheld |= (move != 0) & ~cells.hidden
        low, high = np.minimum(low, cells.values + move), np.maximum(high, cells.values + move)
    small = cells.sensitive & ~cells.public
    return Suppression(withheld, withheld & small, low, high, small & (low == high), kept)


def _reach(cells: Cells, protection: Protection, moves: list[Counts]) -> int:
    """How far the moves open the small counts, all together."""
    small = np.flatnonzero(cells.sensitive & ~cells.public)
    changed = np.array([np.zeros(len(small), dtype=np.int64), *(move[small] for move in moves)])
    most = np.minimum(changed.max(axis=0), protection.threshold - cells.values[small])
    return int((most - changed.min(axis=0)).sum())
