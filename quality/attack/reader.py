"""Solving what published tables say of withheld numbers: by subtraction, by bounds, by linear programming."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import lsmr

Number = TypeVar("Number", bound=Hashable)
"""Name of a withheld number."""
_MANY = 1e9
"""More than any count: the upper bound of a number that nothing is known of."""


@dataclass(frozen=True)
class Statement(Generic[Number]):
    """Withheld numbers, each times a whole factor, add up to a total that the reader knows."""

    factors: Mapping[Number, int]
    total: int


@dataclass(frozen=True)
class Found:
    """What the reader knows of a withheld number in the end; ``high`` is 1e9 where nothing limits it."""

    low: int
    high: int
    by: str
    """Empty, or how the number was pinned down: ``bounds``, ``subtraction`` or ``programme``."""

    @property
    def pinned(self) -> bool:
        """One number only is left."""
        return self.low == self.high


class Contradiction(Exception):
    """The statements cannot all hold: the reader took numbers for unchanged that have been corrected."""


def find(
    statements: Sequence[Statement[Number]], limits: Mapping[Number, tuple[int, int]], *, programme: bool = True
) -> dict[Number, Found]:
    """Everything the reader finds out.

    Args:
        statements: what the published tables say.
        limits: what is known of single numbers from the start, as (least, most).
        programme: also bound what is left by linear programming, which finds all there is to find, but takes long.

    Raises:
        Contradiction: the statements cannot all hold.
    """
    names = list({name: None for statement in statements for name in statement.factors} | dict.fromkeys(limits))
    place = {name: i for i, name in enumerate(names)}
    rows = [(k, place[name], factor) for k, s in enumerate(statements) for name, factor in s.factors.items()]
    row, column, factor = np.array(rows or np.zeros((0, 3))).astype(np.int64).T
    matrix = csr_matrix((factor, (row, column)), shape=(len(statements), len(names)))
    total = np.array([s.total for s in statements], dtype=float)
    low, high = np.zeros(len(names)), np.full(len(names), _MANY)
    for name, (least, most) in limits.items():
        low[place[name]], high[place[name]] = least, most
    low, high = shuttle(matrix, total, low, high)
    by = np.where(low == high, "bounds", "").astype(object)
    open_ = low < high
    for i, value in zip(*subtraction(matrix[:, open_], total - matrix[:, ~open_] @ low[~open_]), strict=True):
        number = int(np.flatnonzero(open_)[i])
        low[number] = high[number] = value
        by[number] = "subtraction"
    if programme:
        for number in np.flatnonzero(low < high):
            low[number], high[number] = linear_programme(matrix, total, low, high, int(number))
            by[number] = "programme" if low[number] == high[number] else ""
    return {name: Found(int(low[i]), int(high[i]), str(by[i])) for name, i in place.items()}


def shuttle(
    matrix: csr_matrix, total: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds from each sum in turn until none gives more (Buzzigoli and Giusti 1999, the shuttle algorithm).

    In a sum of non-negative numbers each is at most the total less the least of the others, and at least the total
    less the most of the others.
    """
    entries = matrix.tocoo()
    row, column, factor = entries.row, entries.col, entries.data.astype(float)
    for _ in range(200):
        at_low = np.where(factor > 0, low[column], high[column]) * factor
        at_high = np.where(factor > 0, high[column], low[column]) * factor
        least, most = np.bincount(row, at_low, len(total)), np.bincount(row, at_high, len(total))
        rest_low = (total[row] - (most[row] - at_high)) / factor
        rest_high = (total[row] - (least[row] - at_low)) / factor
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, column, np.ceil(np.minimum(rest_low, rest_high) - 1e-6))
        np.minimum.at(new_high, column, np.floor(np.maximum(rest_low, rest_high) + 1e-6))
        if (new_low > new_high).any():
            raise Contradiction
        if (new_low == low).all() and (new_high == high).all():
            break
        low, high = new_low, new_high
    return low, high


def subtraction(matrix: csr_matrix, total: NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """Numbers that adding and subtracting statements gives exactly, with their values.

    A number can be had so if and only if it does not change along any direction that leaves all statements true, the
    null space of the matrix. Random vectors are projected onto it; where the projections do not move, nothing does.
    """
    if not matrix.shape[0] or not matrix.shape[1]:
        return [], []
    rng = np.random.default_rng(20)
    still = np.ones(matrix.shape[1], dtype=bool)
    for _ in range(3):
        vector = rng.normal(size=matrix.shape[1])
        across = lsmr(matrix.astype(float), matrix @ vector, atol=1e-13, btol=1e-13, maxiter=20 * max(matrix.shape))[0]
        still &= np.abs(vector - across) < 1e-6
    solution = lsmr(matrix.astype(float), total, atol=1e-13, btol=1e-13, maxiter=20 * max(matrix.shape))[0]
    numbers = [int(i) for i in np.flatnonzero(still) if abs(solution[i] - round(solution[i])) < 1e-4]
    return numbers, [round(solution[i]) for i in numbers]


def linear_programme(
    matrix: csr_matrix, total: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], number: int
) -> tuple[int, int]:
    """The least and the most a number can be; whole numbers only.

    Raises:
        Contradiction: the statements cannot all hold.
    """
    ends = []
    for sign in (1.0, -1.0):
        cost = np.zeros(len(low))
        cost[number] = sign
        answer = linprog(cost, A_eq=matrix, b_eq=total, bounds=np.column_stack([low, high]), method="highs")
        if answer.status != 0:
            raise Contradiction
        ends.append(answer.x[number])
    return int(np.ceil(ends[0] - 1e-6)), int(np.floor(ends[1] + 1e-6))
