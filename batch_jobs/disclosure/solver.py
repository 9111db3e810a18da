"""Linear programmes by HiGHS: in whole numbers, and relaxed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array

from batch_jobs.disclosure.cells import Counts

_WHOLE = 1e-6
Floats = NDArray[np.float64]


def _solve(
    cost: Floats, matrix: csr_array, rhs: Floats, lower: Floats, upper: Floats, *, whole: bool
) -> OptimizeResult:
    return milp(
        cost,
        bounds=Bounds(lower, upper),
        constraints=LinearConstraint(matrix, rhs, rhs) if matrix.shape[0] else (),
        integrality=np.ones(len(cost)) if whole else None,
    )


def best(cost: Floats, matrix: csr_array, rhs: Floats, lower: Floats, upper: Floats) -> Floats:
    """x with ``matrix @ x == rhs``, ``lower <= x <= upper`` and the least ``cost @ x``, not always whole.

    Args:
        cost: shape (k,).
        matrix: csr, shape (m, k).
        rhs: shape (m,).
        lower: shape (k,), finite.
        upper: shape (k,); infinite where open.

    Raises:
        ArithmeticError: there is none, or the solver gave up.
    """
    answer = _solve(cost, matrix, rhs, lower, upper, whole=False)
    if answer.x is None:
        raise ArithmeticError(f"HiGHS gave no answer: {answer.message}")
    return np.asarray(answer.x)


def minimise(cost: Floats, matrix: csr_array, rhs: Floats, lower: Floats, upper: Floats) -> Counts | None:
    """As :func:`best`, in whole numbers.

    The relaxed programme is solved first: its corner is whole for most tables (they are close to networks), and only
    where it is not does branch and bound follow. The answer is checked in exact whole numbers, so that what is said
    of it does not hang on the solver's tolerances.

    Returns:
        Shape (k,), or None where there is no such x.

    Raises:
        ArithmeticError: the solver gave up, or its answer does not satisfy the sums.
    """
    x = np.zeros(0)
    for whole in (False, True):
        answer = _solve(cost, matrix, rhs, lower, upper, whole=whole)
        if answer.status == 2:  # infeasible
            return None
        if answer.x is None:
            raise ArithmeticError(f"HiGHS gave no answer: {answer.message}")
        x = np.rint(answer.x)
        if np.abs(answer.x - x).max(initial=0.0) < _WHOLE:
            break
    found = x.astype(np.int64)
    if (matrix @ found != rhs).any() or (found < lower).any() or (found > upper).any():
        raise ArithmeticError("HiGHS gave an answer that breaks the sums")
    return found
