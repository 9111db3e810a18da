"""Facilities that hide reports are found, honest ones are left alone; rates of both are measured on simulated truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest
from numpy.typing import NDArray

from batch_jobs.underreporting.expected import FEWEST_PEERS, Judged, evidence_ratios, judge

Floats = NDArray[np.float64]


@dataclass
class World:
    """Facilities of a year, what they report, and which of them hide."""

    reported: Floats
    exposure: Floats
    evidence: Floats
    hides: NDArray[np.bool_]

    @cached_property
    def judged(self) -> list[Judged]:
        """Every facility's judgement."""
        observed = np.repeat(self.exposure[:, None], self.evidence.shape[1], axis=1)
        return judge(self.reported, self.exposure, self.evidence, observed)


def world(
    seed: int, *, facilities: int, hiding: int, hidden: float, people: float = 300, spread: float = 0.02
) -> World:
    """Facilities whose true risk shows in alerts, medical alerts and findings; some hide a share of their incidents.

    ``spread`` is the variance of their rates that no evidence explains.
    """
    rng = np.random.default_rng(seed)
    population = rng.lognormal(np.log(people), 0.7, facilities)
    exposure = population * 365
    risk = rng.lognormal(0, 0.5, facilities)
    truth = rng.poisson(exposure * 0.0004 * risk * rng.gamma(1 / spread, spread, facilities))
    alerts = rng.poisson(exposure * 0.002 * risk * rng.lognormal(0, 0.2, facilities))
    medical = rng.poisson(exposure * 0.0005 * risk * rng.lognormal(0, 0.3, facilities))
    findings = rng.poisson(population * 0.02 * risk)
    hides = np.zeros(facilities, dtype=bool)
    hides[rng.choice(facilities, hiding, replace=False)] = True
    reported = np.where(hides, rng.binomial(truth, 1 - hidden), truth).astype(float)
    return World(reported, exposure, np.stack([alerts, medical, findings], axis=1).astype(float), hides)


def share_flagged(worlds: list[World], *, hiding: bool, flags: set[str], at_least: float = 0.0) -> tuple[float, int]:
    """Share of the hiding or honest facilities that get one of the flags, and how many facilities that is of."""
    found = [
        one.flag in flags
        for each in worlds
        for one, hides in zip(each.judged, each.hides, strict=True)
        if hides == hiding and one.expected >= at_least
    ]
    return float(np.mean(found)), len(found)


LOW = {"low", "improbably_low"}


def test_half_hidden_is_low_in_most_facilities_and_three_quarters_in_nine_of_ten() -> None:
    half = [world(seed, facilities=200, hiding=10, hidden=0.5) for seed in range(3)]
    most = [world(seed, facilities=200, hiding=10, hidden=0.75) for seed in range(3)]
    found, of = share_flagged(half, hiding=True, flags=LOW, at_least=20)
    assert of >= 10
    assert found >= 0.5
    assert share_flagged(most, hiding=True, flags=LOW, at_least=20)[0] >= 0.9


def test_one_honest_facility_in_forty_is_low_at_most_and_hardly_any_improbably_so() -> None:
    honest = [world(seed, facilities=60, hiding=0, hidden=0) for seed in range(8)]
    low, of = share_flagged(honest, hiding=False, flags=LOW)
    assert of == 480
    assert low <= 0.035
    assert share_flagged(honest, hiding=False, flags={"improbably_low"})[0] <= 0.005


def test_honest_small_facilities_are_not_flagged_for_reporting_nothing() -> None:
    small = [world(seed, facilities=60, hiding=0, hidden=0, people=15) for seed in range(4)]
    silent = [one for each in small for one, n in zip(each.judged, each.reported, strict=True) if n == 0]
    assert len(silent) > 20
    assert np.mean([one.flag == "cannot_tell" for one in silent]) > 0.95
    assert share_flagged(small, hiding=False, flags=LOW)[0] <= 0.02


def test_the_interval_holds_about_nineteen_in_twenty_honest_counts() -> None:
    inside = [
        one.low <= count <= one.high
        for seed in range(4)
        for each in [world(seed, facilities=60, hiding=0, hidden=0)]
        for one, count in zip(each.judged, each.reported, strict=True)
    ]
    assert 0.91 <= np.mean(inside) <= 0.985


def test_more_evidence_means_that_more_is_expected() -> None:
    calm = world(1, facilities=40, hiding=0, hidden=0)
    alarmed = world(1, facilities=40, hiding=0, hidden=0)
    alarmed.evidence[0] *= 4
    assert alarmed.judged[0].expected > 1.5 * calm.judged[0].expected


def test_a_facility_that_could_not_be_observed_is_taken_for_an_ordinary_one() -> None:
    ratios = evidence_ratios(np.array([[0.0], [50.0], [50.0]]), np.array([[0.0], [1000.0], [1000.0]]))
    assert ratios[0] == pytest.approx(0)
    assert evidence_ratios(np.zeros((3, 1)), np.zeros((3, 1))).tolist() == [[0.0], [0.0], [0.0]]


def test_too_few_facilities_are_not_judged() -> None:
    assert world(1, facilities=FEWEST_PEERS - 1, hiding=0, hidden=0).judged == []
