"""The simulator's events through the fold: every kind of incident is found by its rule, and nothing else is raised."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ingestion.sources.simulator import Noise, Scenario, live, truth
from ingestion.sources.simulator.incidents import KINDS
from ingestion.sources.simulator.scenario import LOCAL
from streaming_jobs.catalogue import load_catalogue
from streaming_jobs.evaluation import evaluate
from tests.support.simulated import alerts_of, decide

MONDAY = datetime(2026, 11, 23, tzinfo=LOCAL)
SPANS = {
    "evening": Scenario(live_facilities=1),
    "night and morning": Scenario(
        live_facilities=1, fps=1, start=MONDAY + timedelta(hours=5.4), live_seconds=5400, seed=11
    ),
    "midday": Scenario(live_facilities=1, fps=1, start=MONDAY + timedelta(hours=12.5)),
    "half a day": Scenario(
        live_facilities=1, fps=1, start=MONDAY + timedelta(hours=8), live_seconds=18_000, detainees=12
    ),
}
TOO_LONG = {"admission_not_examined": "24 h", "lawyer_waits": "48 h"}
"""Kinds that take a day or two; the first is in the week of `make bench-rule_quality`."""
ANSWERS = "stf-12"
"""The simulator's posts cannot answer alerts whose ids they do not know; one alert says so for all of them."""


@pytest.mark.parametrize("name", SPANS)
def test_each_incident_is_found_by_its_rule_and_only_the_waiting_alarms_are_raised_beside_them(name: str) -> None:
    span = SPANS[name]
    out = decide(live(span), span.end_ms + 1000)
    alerts = alerts_of(out, span.end_ms)
    scores = evaluate(alerts, truth(span), [rule.id for rule in load_catalogue()])
    assert [s for s in scores if s.found < s.incidents] == []
    assert [s for s in scores if s.wrong and s.rule != ANSWERS] == []
    assert out.quarantine == []


def test_every_kind_of_incident_is_in_one_of_these_spans_or_takes_longer() -> None:
    staged = {incident.kind for span in SPANS.values() for incident in truth(span)}
    assert set(KINDS) - staged == set(TOO_LONG)


def test_a_little_noise_leaves_quiet_life_quiet() -> None:
    noise = Noise(jitter_m=0.04, missed=0.03, lost=0.004)
    quiet = Scenario(live_facilities=1, quiet=True, noise=noise, live_seconds=2400, fps=1)
    out = decide(live(quiet), quiet.end_ms + 1000)
    assert [(a["rule"], a["verdict"], a["zone"], a["onset"]) for a in out.alert] == []
