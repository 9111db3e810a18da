"""What a facility would be expected to report, given its exposure and its evidence, learnt from its peers.

Counts are negative binomial (NB2; Cameron and Trivedi, Regression Analysis of Count Data, 2nd ed. 2013, section 3.3):
the mean is exposure x exp(intercept + evidence x weights), the variance mean + dispersion x mean^2, which is a Poisson
count whose rate differs between facilities by a gamma factor (empirical Bayes). A facility's own count is kept out of
what it is judged by (cross-fitting), and a count in the low tail of its predictive distribution is an outlier in the
sense of Marshall and Spiegelhalter (2003), Approximate cross-validatory predictive checks in disease mapping models.
Of many facilities some are low by chance: flags hold the false discovery rate (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln
from scipy.stats import nbinom

Floats = NDArray[np.float64]
Flag = Literal["improbably_low", "low", "as_expected", "cannot_tell"]
"""low: under the interval, as 1 in 40 honest facilities are; improbably_low: too many are for chance, so far down."""

FEWEST_PEERS = 10
"""With fewer facilities nothing can be learnt from the others."""

FOLDS = 10
PASSES = 2
FALSE_DISCOVERIES = 0.05
"""Share of the flags that may be wrong, on average."""

IMPROBABLE = 0.025
"""A facility is judged only where at least a report of nothing would be as improbable as this."""

PRIOR_EVENTS = 5.0
"""Evidence of fewer events than this says little, and is drawn towards the peers' rate by so many of theirs."""

_WEIGHT_SPREAD = 0.5
_LOG_DISPERSION = (np.log(0.2), 0.7)
"""Priors: weights normal around 0; log of the dispersion normal. They decide where facilities are few."""


@dataclass(frozen=True)
class Judged:
    """One facility: expected count, 95 % predictive interval, chance of so few or fewer, and what follows."""

    expected: float
    low: float
    high: float
    chance: float
    flag: Flag


def evidence_ratios(counts: Floats, observed: Floats) -> Floats:
    """Log of each facility's rate of evidence over the peers' rate; 0 where it was not observed.

    Args:
        counts: ``(facilities, kinds)`` events seen.
        observed: ``(facilities, kinds)`` person-days in which they could be seen.
    """
    total = counts.sum(axis=0)
    peers = np.divide(total, observed.sum(axis=0), out=np.ones_like(total), where=total > 0)
    expected = observed * peers
    return np.where(total > 0, np.log((counts + PRIOR_EVENTS) / (expected + PRIOR_EVENTS)), 0.0)


def _fit(reported: Floats, exposure: Floats, ratios: Floats) -> Floats:
    """Intercept, weights and log dispersion with the highest posterior density."""
    rate = max(reported.sum(), 0.5) / exposure.sum()
    start = np.concatenate(([np.log(rate)], np.zeros(ratios.shape[1]), [_LOG_DISPERSION[0]]))

    def loss(parameters: Floats) -> tuple[float, Floats]:
        """Negative log posterior and its gradient."""
        weights, spread = parameters[1:-1], (parameters[-1] - _LOG_DISPERSION[0]) / _LOG_DISPERSION[1]
        mean = exposure * np.exp(np.clip(parameters[0] + ratios @ weights, -40, 10))
        size = np.exp(-parameters[-1])
        likelihood = (
            gammaln(reported + size)
            - gammaln(size)
            - gammaln(reported + 1)
            + size * np.log(size / (size + mean))
            + reported * np.log(mean / (size + mean))
        )
        by_mean = size * (reported - mean) / (size + mean)
        by_size = digamma(reported + size) - digamma(size) + np.log(size / (size + mean))
        by_size += 1 - (size + reported) / (size + mean)
        slope = np.concatenate(
            (
                [-by_mean.sum()],
                weights / _WEIGHT_SPREAD**2 - by_mean @ ratios,
                [spread / _LOG_DISPERSION[1] + size * by_size.sum()],
            )
        )
        prior = ((weights / _WEIGHT_SPREAD) ** 2).sum() + spread**2
        return float(0.5 * prior - likelihood.sum()), slope

    found: Floats = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return found


def _discoveries(chances: Floats) -> NDArray[np.bool_]:
    """Which of many chances are too small to be all by luck (Benjamini and Hochberg 1995)."""
    order = np.argsort(chances, kind="stable")
    steps = FALSE_DISCOVERIES * np.arange(1, len(chances) + 1) / len(chances)
    below = np.flatnonzero(chances[order] <= steps)
    found = np.zeros(len(chances), dtype=bool)
    if below.size:
        found[order[: below[-1] + 1]] = True
    return found


def _flag(tellable: bool, surely: bool, low: bool) -> Flag:
    if not tellable:
        return "cannot_tell"
    return "improbably_low" if surely else "low" if low else "as_expected"


def judge(reported: Floats, exposure: Floats, counts: Floats, observed: Floats) -> list[Judged]:
    """Judge every facility's count by its peers.

    Args:
        reported: ``(facilities,)`` events in the register.
        exposure: ``(facilities,)`` person-days, above 0.
        counts: ``(facilities, kinds)`` evidence that the facility did not report itself.
        observed: ``(facilities, kinds)`` person-days in which that evidence could be seen.

    Returns:
        One judgement a facility, in order; none where there are fewer than FEWEST_PEERS facilities.
    """
    facilities = len(reported)
    if facilities < FEWEST_PEERS:
        return []
    ratios = evidence_ratios(counts, observed)
    fold = np.arange(facilities) % min(FOLDS, facilities)
    mean, size, chance = np.empty(facilities), np.empty(facilities), np.ones(facilities)
    for _ in range(PASSES):
        # Who was low is no measure for the others: hidden reports would make hiding look usual.
        teaches = chance > IMPROBABLE
        for number in np.unique(fold):
            own = fold == number
            peers = teaches & ~own
            found = _fit(reported[peers], exposure[peers], ratios[peers])
            mean[own] = exposure[own] * np.exp(found[0] + ratios[own] @ found[1:-1])
            size[own] = np.exp(-found[-1])
        share = size / (size + mean)
        chance = nbinom.cdf(reported, size, share)
    tellable = nbinom.pmf(0, size, share) <= IMPROBABLE
    surely = np.zeros(facilities, dtype=bool)
    surely[tellable] = _discoveries(chance[tellable])
    bounds = nbinom.ppf(0.025, size, share), nbinom.ppf(0.975, size, share)
    flags = [
        _flag(bool(can), bool(sure), bool(low))
        for can, sure, low in zip(tellable, surely, chance <= IMPROBABLE, strict=True)
    ]
    return [
        Judged(float(m), float(lo), float(hi), float(p), f)
        for m, lo, hi, p, f in zip(mean, *bounds, chance, flags, strict=True)
    ]
