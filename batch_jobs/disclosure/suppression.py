"""Which cells to withhold so that every small count stays protected.

Every small count needs two other tables that agree with everything published: one in which it is 0, one in which it
reaches the threshold. Each is found as the cheapest *move* away from the true table: changes to cells that are zero
for every published cell and keep all sums. The cells that the move changes are then withheld; those withheld already
cost nothing. This is the linear programming heuristic of Kelly, Golden and Assad (1992, Networks 22:397-417), which
Fischetti and Salazar (2000, JASA 95:916-928) use to start their exact method, for general linked tables and in whole
numbers. The moves found are proof: nobody who sees only what is published can tell the true table from the moved one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, hstack

from batch_jobs.disclosure.cells import Cells, Counts, Flags, Indices, Protection, neighbourhood, touching
from batch_jobs.disclosure.solver import minimise

_FIRST_LOOK = 300
"""Cells in the first neighbourhood in which a move is sought; where there is none, ten times as many are looked at."""
_FREE = 1e-3
"""Cost of changing a cell that is withheld already; over 0, so that moves stay small."""


@dataclass(frozen=True)
class Move:
    """Changes of some cells that lead to another table with the same published cells."""

    cells: Indices
    changes: Counts

    def at(self, cell: int) -> int:
        """The change of one cell."""
        place = np.flatnonzero(self.cells == cell)
        return int(self.changes[place[0]]) if len(place) else 0


@dataclass(frozen=True)
class Suppression:
    """What to withhold.

    Attributes:
        withheld: cells to withhold, shape (n,); hidden cells are not among them.
        primary: of these, those withheld for their own sake.
        required: per small cell, the lowest and highest number that a reader cannot exclude.
        moves: the proof: tables that a reader cannot tell from the true one.
    """

    withheld: Flags
    primary: Flags
    required: dict[int, tuple[int, int]]
    moves: list[Move]

    @property
    def known(self) -> list[int]:
        """Small cells that the public cells give away whatever is withheld: a fault of the policy."""
        return [cell for cell, (low, high) in self.required.items() if low == high]


class _Search:
    """Moves within one system of cells, with what is withheld so far."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.columns = cells.relations.tocsc()
        self.withheld = cells.sensitive & ~cells.hidden & ~cells.public

    def cost(self, chosen: Indices) -> np.ndarray:
        free = self.withheld[chosen] | self.cells.hidden[chosen]
        return np.where(free, _FREE, self.cells.weight[chosen])

    def _programme(self, movable: Flags, cell: int, size: int) -> tuple[Indices, csr_array]:
        near = neighbourhood(self.cells.relations, self.columns, movable, cell, size)
        rows = touching(self.cells.relations, self.columns, near)
        return near, self.cells.relations[rows][:, near]

    def _solve(self, near: Indices, matrix: csr_array, cell: int, change: int, cost: np.ndarray) -> Move | None:
        """The cheapest move of ``near`` that changes ``cell`` by ``change``."""
        k = len(near)
        here = int(np.searchsorted(near, cell))
        down = self.cells.values[near] - self.cells.floor[near]
        most = np.concatenate([np.full(k, np.inf), down]).astype(float)
        least = np.zeros(2 * k)
        least[here], least[k + here] = max(change, 0), max(-change, 0)
        most[here], most[k + here] = least[here], least[k + here]
        both = csr_array(hstack([matrix, -matrix]))
        x = minimise(np.concatenate([cost, cost]), both, np.zeros(matrix.shape[0]), least, most)
        if x is None:
            return None
        changes = x[:k] - x[k:]
        moved = np.flatnonzero(changes)
        return Move(near[moved], changes[moved])

    def move(self, cell: int, change: int, movable: Flags) -> Move | None:
        """The cheapest move found that changes ``cell`` by ``change`` and nothing that is not movable."""
        size, before = _FIRST_LOOK, 0
        while True:
            near, matrix = self._programme(movable, cell, size)
            if len(near) == before:
                return None
            found = self._solve(near, matrix, cell, change, self.cost(near))
            if found is not None or len(near) < size:
                return found
            size, before = size * 10, len(near)

    def reach(self, cell: int, change: int) -> Move | None:
        """As :meth:`move`, but where public cells do not allow the whole change, as much of it as they do."""
        movable = ~self.cells.public
        step = 1 if change > 0 else -1
        for wanted in range(change, 0, -step):
            if (found := self.move(cell, wanted, movable)) is not None:
                return found
        return None


def _needs(cells: Cells, protection: Protection) -> Iterator[tuple[int, int]]:
    """Every small cell with the changes that must be possible; the most awkward (largest) cells first."""
    small = np.flatnonzero(cells.sensitive & ~cells.public)
    for cell in small[np.argsort(-cells.values[small], kind="stable")]:
        value = int(cells.values[cell])
        yield int(cell), protection.threshold - value
        if value:
            yield int(cell), -value


def _enough(change: int, wanted: int) -> bool:
    return change >= wanted if wanted > 0 else change <= wanted


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
    search = _Search(cells)
    proof: dict[tuple[int, int], Move | None] = {}
    moves: list[Move] = []
    for cell, wanted in _needs(cells, protection):
        found = next((move for move in moves if _enough(move.at(cell), wanted)), None)
        if found is None:
            found = search.reach(cell, wanted)
            if found is not None:
                moves.append(found)
                search.withheld[found.cells] |= ~cells.hidden[found.cells]
        proof[cell, wanted] = found
    _release(search, proof)
    required: dict[int, tuple[int, int]] = {}
    for (cell, wanted), move in proof.items():
        low, high = required.get(cell, (int(cells.values[cell]),) * 2)
        reached = int(cells.values[cell]) + (0 if move is None else move.at(cell))
        reached = min(reached, protection.threshold)
        required[cell] = (low, max(high, reached)) if wanted > 0 else (min(low, reached), high)
    primary = search.withheld & cells.sensitive
    return Suppression(search.withheld, primary, required, list({id(m): m for m in proof.values() if m}.values()))


def _release(search: _Search, proof: dict[tuple[int, int], Move | None]) -> None:
    """Publish again what later choices made needless, the weightiest first (Kelly, Golden and Assad's clean-up)."""
    cells = search.cells
    users: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for need, move in proof.items():
        for cell in move.cells if move is not None else ():
            users[int(cell)].add(need)
    secondary = np.flatnonzero(search.withheld & ~cells.sensitive)
    for cell in secondary[np.argsort(-cells.weight[secondary], kind="stable")]:
        movable = search.withheld | cells.hidden
        movable[cell] = False
        instead: dict[tuple[int, int], Move] = {}
        for need in sorted(users[int(cell)]):
            old = proof[need]
            assert old is not None
            known = next((m for m in instead.values() if _enough(m.at(need[0]), old.at(need[0]))), None)
            found = known or search.move(need[0], old.at(need[0]), movable)
            if found is None:
                break
            instead[need] = found
        else:
            search.withheld[cell] = False
            for need, move in instead.items():
                old = proof[need]
                assert old is not None
                for moved in old.cells:
                    users[int(moved)].discard(need)
                for moved in move.cells:
                    users[int(moved)].add(need)
                proof[need] = move
