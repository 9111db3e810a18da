"""How good and how fair a score is: discrimination, calibration, stability, errors by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest, rankdata

Floats = np.ndarray[Any, np.dtype[np.float64]]


def auc(y: Floats, s: Floats) -> float:
    """Area under the ROC curve: the chance that one with an outcome scores higher than one without (Mann-Whitney)."""
    positive = int(y.sum())
    if not 0 < positive < len(y):
        return float("nan")
    ranks = rankdata(s)
    return float((ranks[y > 0].sum() - positive * (positive + 1) / 2) / (positive * (len(y) - positive)))


def auc_interval(y: Floats, s: Floats, subjects: Any, seed: int = 7, draws: int = 200) -> tuple[float, float]:
    """95 % interval by a bootstrap over persons, whose rows belong together."""
    rng = np.random.default_rng(seed)
    names, index = np.unique(np.asarray(subjects), return_inverse=True)
    rows = [np.flatnonzero(index == n) for n in range(len(names))]
    found = []
    for _ in range(draws):
        chosen = np.concatenate([rows[n] for n in rng.integers(0, len(names), len(names))])
        found.append(auc(y[chosen], s[chosen]))
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return float(low), float(high)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if count == 0:
        return float("nan"), float("nan")
    interval = binomtest(hits, count).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


@dataclass(frozen=True)
class Bin:
    """A tenth of the rows by predicted probability."""

    rows: int
    predicted: float
    observed: float
    low: float
    high: float


def calibration(y: Floats, p: Floats, bins: int = 10) -> list[Bin]:
    """Predicted beside observed share, by tenths of the prediction, with Wilson intervals."""
    found = []
    for part in np.array_split(np.argsort(p, kind="stable"), bins):
        if len(part):
            low, high = wilson(int(y[part].sum()), len(part))
            found.append(Bin(len(part), float(p[part].mean()), float(y[part].mean()), low, high))
    return found


def calibration_error(bins: list[Bin]) -> float:
    """Mean distance of predicted and observed, weighted by rows (expected calibration error)."""
    total = sum(b.rows for b in bins)
    return sum(b.rows * abs(b.predicted - b.observed) for b in bins) / total


def psi(before: Floats, after: Floats, bins: int = 10) -> float:
    """Population stability index over the tenths of ``before``; 0.1 is a small shift, 0.25 a large one."""
    edges = np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = [np.bincount(np.searchsorted(edges, v, side="right"), minlength=len(edges) + 1) for v in (before, after)]
    a, b = (np.maximum(s / max(1, s.sum()), 1e-4) for s in shares)
    return float(np.sum((b - a) * np.log(b / a)))


@dataclass(frozen=True)
class Errors:
    """Errors of one group at a threshold: shares with 95 % intervals."""

    group: str
    rows: int
    outcomes: int
    missed: tuple[float, float, float]
    """Of those with an outcome, the share below the threshold, low, high."""
    false: tuple[float, float, float]
    """Of those without, the share at or above it, low, high."""


def errors(group: str, y: Floats, flagged: Any) -> Errors:
    """Missed and false shares of a group."""
    hit, rest = y > 0, y <= 0
    missed, false = int((hit & ~flagged).sum()), int((rest & flagged).sum())
    outcomes, others = int(hit.sum()), int(rest.sum())
    return Errors(
        group,
        len(y),
        outcomes,
        (missed / outcomes if outcomes else float("nan"), *wilson(missed, outcomes)),
        (false / others if others else float("nan"), *wilson(false, others)),
    )
