"""What a reader of everything published can find out about every withheld cell: its bounds, by linear programming.

The audit knows nothing of how the choice was made. It takes the published cells as given numbers, leaves all others
free, and asks HiGHS for the least and the greatest whole number that each withheld cell can have (Fischetti and
Salazar 2001, Management Science 47:1008-1027: the auditing or disclosure problem).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from batch_jobs.disclosure.cells import Cells, Counts, Flags, Indices, Protection, parts, public_limits
from batch_jobs.disclosure.solver import best, minimise

GIVEN_AWAY = "given away"


@dataclass(frozen=True)
class Bound:
    """A withheld cell's bounds. ``low`` and ``high`` are reached by tables that agree with everything published.

    Where the cell passes, the true bounds may lie further apart than these; where it does not, these are they.
    """

    cell: int
    low: int
    high: int
    fault: str
    """Empty, ``recovered`` (one number only is left), ``unprotected`` (a small count is not open far enough), or
    ``given away`` (one number only is left even if nothing were shown but the public cells: no choice can help)."""


class _Component:
    """Unknown cells that hang together, and the sums between them."""

    def __init__(self, matrix: csr_array, rhs: Counts, true: Counts, floor: Counts) -> None:
        self.matrix, self.rhs, self.floor = matrix, rhs.astype(float), floor.astype(float)
        self.low, self.high = true.copy(), true.copy()
        """Least and greatest numbers seen in tables that agree with everything published; the true one is one."""

    def widen_together(self, least: Counts, most: Counts) -> None:
        """Tables in which as many unknowns as can be at once go down to ``least`` or up to ``most``."""
        for sign, end in ((1.0, least), (-1.0, most)):
            left = self.low > end if sign > 0 else self.high < end
            while left.any():
                upper = np.full(len(self.floor), np.inf)
                if sign < 0:
                    upper[left] = end[left]
                x = best(np.where(left, sign, 0.0), self.matrix, self.rhs, self.floor, upper)
                table = np.rint(x).astype(np.int64)
                if (self.matrix @ table != self.rhs).any():
                    return
                self._see(table)
                before, left = left, self.low > end if sign > 0 else self.high < end
                if (before == left).all():
                    break

    def _see(self, table: Counts) -> None:
        np.minimum(self.low, table, out=self.low)
        np.maximum(self.high, table, out=self.high)

    def widen(self, place: int, far: int) -> tuple[int, int]:
        """Exact bounds of one unknown, but none over ``far``."""
        for sign in (1.0, -1.0):
            cost, upper = np.zeros(len(self.floor)), np.full(len(self.floor), np.inf)
            cost[place], upper[place] = sign, far
            table = minimise(cost, self.matrix, self.rhs, self.floor, upper)
            if table is None:
                raise ArithmeticError("the published cells contradict each other")
            self._see(table)
        return int(self.low[place]), int(self.high[place])


def _nothing_left(matrix: csr_array, rhs: Counts) -> Flags:
    """Unknowns that are 0 because parts of a published 0 are 0."""
    zero = np.zeros(matrix.shape[1], dtype=bool)
    positive, negative = (matrix > 0).astype(np.int64), (matrix < 0).astype(np.int64)
    while True:
        left = (~zero).astype(np.int64)
        one_sign = ((positive @ left == 0) | (negative @ left == 0)) & (rhs == 0)
        found = ((abs(matrix[one_sign]).sum(axis=0) > 0) & ~zero) if one_sign.any() else np.zeros(len(zero), dtype=bool)
        if not found.any():
            return zero
        zero |= found


def _components(cells: Cells, unknown: Flags) -> tuple[list[_Component], list[Indices]]:
    """The unknown cells in independent systems, with the cells of each; cells known to be 0 are in none."""
    where = np.flatnonzero(unknown)
    matrix = cells.relations[:, where]
    rhs = -(cells.relations @ np.where(unknown, 0, cells.values))
    rows = np.flatnonzero(np.diff(matrix.indptr))
    matrix, rhs = matrix[rows], rhs[rows]
    zero = _nothing_left(matrix, rhs)
    where, matrix = where[~zero], matrix[:, ~zero]
    components, own_cells = [], []
    for rows, inside in parts(matrix):
        own = where[inside]
        components.append(_Component(matrix[rows][:, inside], rhs[rows], cells.values[own], cells.floor[own]))
        own_cells.append(own)
    return components, own_cells


class _Bounds:
    """Bounds of cells where all but ``unknown`` are published."""

    def __init__(self, cells: Cells, unknown: Flags) -> None:
        self._components, self._members = _components(cells, unknown)
        self._place = {int(cell): (c, place) for c, own in enumerate(self._members) for place, cell in enumerate(own)}

    def seen(self, cell: int) -> tuple[int, int]:
        """Numbers that the cell is known to be able to have; (0, 0) where it must be 0."""
        if cell not in self._place:
            return 0, 0
        component, place = self._place[cell]
        return int(self._components[component].low[place]), int(self._components[component].high[place])

    def widen_together(self, least: Counts, most: Counts) -> None:
        """Let as many cells as can be go down to ``least`` or up to ``most``, shape (n,), in a few programmes."""
        for component, own in zip(self._components, self._members, strict=True):
            component.widen_together(least[own], most[own])

    def exact(self, cell: int, far: int) -> tuple[int, int]:
        """The bounds, the upper one cut at ``far``."""
        if cell not in self._place:
            return 0, 0
        component, place = self._place[cell]
        return self._components[component].widen(place, far)


def audit(cells: Cells, withheld: Flags, protection: Protection, *, exact: bool = False) -> list[Bound]:
    """Bound every withheld cell, and every hidden one that is sensitive.

    Args:
        cells: the whole system.
        withheld: cells that are not published, shape (n,); hidden ones need not be among them.
        protection: how far small counts must stay open.
        exact: also work out the bounds of cells that are open far enough.

    Returns:
        One bound a cell, by index. A small count may be closed in as far as the public cells alone do it, but no
        further. Upper bounds are cut well above the threshold where nothing published limits them.

    Raises:
        ArithmeticError: the solver failed.
    """
    asked = (withheld | (cells.hidden & cells.sensitive)) & ~cells.public
    small = cells.sensitive & asked
    least_public, most_public = public_limits(cells)
    # What must stay possible: of small counts all up to the threshold, of others one other number.
    least = np.where(small, least_public, cells.values)
    most = np.where(small, np.minimum(protection.threshold, most_public), cells.values)
    published = _Bounds(cells, withheld | cells.hidden)
    published.widen_together(np.where(asked, least, cells.values), np.where(asked, most, cells.values))
    published.widen_together(np.where(asked & ~small, cells.floor, cells.values), cells.values)
    by_policy: _Bounds | None = None
    bounds = []
    for cell in np.flatnonzero(asked).tolist():
        far = 2 * (int(cells.values[cell]) + protection.threshold)
        low, high = published.seen(cell)
        if exact or low == high or low > least[cell] or high < most[cell]:
            low, high = published.exact(cell, far)
        fault = "recovered" if low == high else ""
        if small[cell] and (low == high or low > least[cell] or high < most[cell]):
            by_policy = by_policy or _Bounds(cells, ~cells.public)
            limits = by_policy.exact(cell, far)
            if low > max(0, limits[0]) or high < min(protection.threshold, limits[1]):
                fault = fault or "unprotected"
            elif fault and limits[0] == limits[1]:
                fault = GIVEN_AWAY
        bounds.append(Bound(cell, low, high, fault))
    return bounds


def given_away(cells: Cells, asked: Flags) -> Flags:
    """Which of the cells asked about have one possible number only where all but the public cells are withheld.

    Raises:
        ArithmeticError: the solver failed.
    """
    bounds = _Bounds(cells, ~cells.public)
    given = np.zeros(len(cells.values), dtype=bool)
    for cell in np.flatnonzero(asked & ~cells.public).tolist():
        low, high = bounds.exact(cell, int(cells.values[cell]) + 1)
        given[cell] = low == high
    return given
