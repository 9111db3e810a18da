"""What can be told from chance: exact intervals of counts, shares and their changes. Pure functions.

Counts of a month or a year are taken as Poisson for a given exposure (average daily population), shares as binomial.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval; `high` may be infinite.

    `by_chance` orders ratios by how little chance explains them: the probability of their tail without any change.
    """

    value: float
    low: float
    high: float
    by_chance: float = 1.0

    def tells_from(self, nothing: float) -> bool:
        """True where the interval leaves out `nothing`, the value of no difference."""
        return not self.low <= nothing <= self.high


def _binomial_limits(part: int, whole: int, alpha: float) -> tuple[float, float]:
    """Clopper and Pearson's exact limits of a share (Biometrika 1934)."""
    low = float(stats.beta.ppf(alpha / 2, part, whole - part + 1)) if part > 0 else 0.0
    high = float(stats.beta.ppf(1 - alpha / 2, part + 1, whole - part)) if part < whole else 1.0
    return low, high


def rate_ratio(
    events: int, exposure: float, events_before: int, exposure_before: float, alpha: float = ALPHA
) -> Estimate | None:
    """Ratio of two rates, with its exact interval; None where both counts are 0, or an exposure is.

    Given the sum of both counts, the later one is binomial with share r t1 / (r t1 + t0); Clopper and Pearson's
    limits of the share give those of the ratio r (Przyborowski and Wilenski, Biometrika 1940).
    """
    both = events + events_before
    if both == 0 or exposure <= 0 or exposure_before <= 0:
        return None

    def ratio(share: float) -> float:
        return math.inf if share >= 1 else share / (1 - share) * exposure_before / exposure

    low, high = _binomial_limits(events, both, alpha)
    steady = exposure / (exposure + exposure_before)
    tail = min(stats.binom.sf(events - 1, both, steady), stats.binom.cdf(events, both, steady))
    return Estimate(ratio(events / both), ratio(low), ratio(high), float(tail))


def share(part: int, whole: int) -> Estimate | None:
    """A share with Wilson's 95 % interval (JASA 1927); None of nothing."""
    if whole == 0:
        return None
    z = float(stats.norm.ppf(1 - ALPHA / 2))
    p, scale = part / whole, 1 + z * z / whole
    middle = (p + z * z / (2 * whole)) / scale
    half = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / scale
    return Estimate(p, max(0.0, middle - half), min(1.0, middle + half))


def share_change(part: int, whole: int, part_before: int, whole_before: int) -> Estimate | None:
    """Difference of two shares with Newcombe's 95 % interval (Statistics in Medicine 1998, method 10)."""
    now, before = share(part, whole), share(part_before, whole_before)
    if now is None or before is None:
        return None
    change = now.value - before.value
    down = math.hypot(now.value - now.low, before.high - before.value)
    up = math.hypot(now.high - now.value, before.value - before.low)
    return Estimate(change, change - down, change + up)


def usual_range(earlier: Sequence[float]) -> tuple[float, float] | None:
    """Range in which the next value of a steady series lies: mean -+ 2.66 mean moving ranges.

    Shewhart's chart of individual values (Wheeler, Understanding Variation, 1993); None of fewer than 8 values.
    """
    if len(earlier) < 8:
        return None
    middle = float(np.mean(earlier))
    half = 2.66 * float(np.mean(np.abs(np.diff(earlier))))
    return middle - half, middle + half


@dataclass(frozen=True, slots=True)
class Compared:
    """A unit's count beside what it would be at the rate of all units together."""

    index: int
    events: int
    expected: float
    beyond: int
    """1 above chance, -1 below, 0 where chance explains the difference."""


def compare_units(events: Sequence[int], exposures: Sequence[float]) -> list[Compared]:
    """Which units differ from all together by more than chance; [] where there is nothing to compare.

    Given the total, a unit's count is binomial with its share of the exposure. A unit is beyond chance where the
    probability of a count as extreme is at most 2.5 % / units in its tail (Bonferroni: one false alarm in 20 reports).
    """
    total, whole = sum(events), math.fsum(exposures)
    if total == 0 or whole <= 0 or len(events) < 2:
        return []
    limit = ALPHA / 2 / len(events)
    out = []
    for index, (count, exposure) in enumerate(zip(events, exposures, strict=True)):
        part = exposure / whole
        above = float(stats.binom.sf(count - 1, total, part)) <= limit
        below = float(stats.binom.cdf(count, total, part)) <= limit
        out.append(Compared(index, count, total * part, above - below))
    return out


def chance_limits(total: int, parts: Sequence[float], alpha: float) -> list[tuple[float, float]]:
    """Counts between which a unit with this share of the exposure stays by chance: the edges of a funnel."""
    return [
        (float(stats.binom.ppf(alpha / 2, total, part)), float(stats.binom.ppf(1 - alpha / 2, total, part)))
        for part in parts
    ]
