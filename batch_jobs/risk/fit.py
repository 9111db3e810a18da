"""A monotone logistic scorecard: every factor keeps the sign that the card gives it, however the data lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

Floats = np.ndarray[Any, np.dtype[np.float64]]
POINTS_TO_DOUBLE = 12.0
"""Points that double the odds of an outcome: the scale on which the cuts of the levels were set."""


@dataclass(frozen=True)
class Fit:
    """Log odds: ``intercept + x @ coefficients``, per factor, natural logarithm."""

    factors: tuple[str, ...]
    coefficients: Floats
    intercept: float

    def probability(self, x: Floats) -> Floats:
        """Probability of an outcome within the horizon, shape (N,)."""
        return np.asarray(expit(self.intercept + x @ self.coefficients))

    @property
    def points(self) -> dict[str, float]:
        """Points by factor: POINTS_TO_DOUBLE of them double the odds."""
        scale = POINTS_TO_DOUBLE / np.log(2)
        return {name: round(float(c) * scale, 1) for name, c in zip(self.factors, self.coefficients, strict=True)}


def fit(x: Floats, y: Floats, factors: Sequence[str], signs: Sequence[int], penalty: float = 2.0) -> Fit:
    """The penalised maximum likelihood under the signs (L-BFGS-B with bounds).

    Args:
        x: activations (N, F). y: outcomes (N,), 0 or 1. signs: 1 or -1 by factor. penalty: of the sum of squares.

    Raises:
        ValueError: there are no outcomes, or nothing else.
    """
    if not 0 < y.sum() < len(y):
        raise ValueError(f"{int(y.sum())} outcomes in {len(y)} rows: nothing can be learnt")

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = theta[0] + x @ theta[1:]
        p = expit(z)
        value = float(np.sum(np.logaddexp(0, z) - y * z) + penalty * np.sum(theta[1:] ** 2) / 2)
        slope = np.concatenate([[np.sum(p - y)], x.T @ (p - y) + penalty * theta[1:]])
        return value, slope

    share = y.mean()
    start = np.concatenate([[np.log(share / (1 - share))], np.zeros(x.shape[1])])
    bounds = [(None, None), *((0, None) if sign > 0 else (None, 0) for sign in signs)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return Fit(tuple(factors), np.asarray(found.x[1:]), float(found.x[0]))
