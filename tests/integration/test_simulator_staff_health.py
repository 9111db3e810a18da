"""The simulator's incidents of staff duty, health and environment through the fold: each is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from ingestion.sources.simulator import Scenario, live, truth
from streaming_jobs.catalogue import load_catalogue
from streaming_jobs.evaluation import evaluate
from tests.support.simulated import decide, raised

MINE = ("stf-", "hlt-", "env-")
EVENING = Scenario(live_facilities=1, fps=1)


@pytest.mark.parametrize("start", ["2026-11-23T20:50:00+08:00", "2026-11-24T12:30:00+08:00"])
def test_each_incident_is_found_by_its_rule_and_only_the_waiting_alarms_are_raised_beside_them(start: str) -> None:
    scenario = replace(EVENING, start=datetime.fromisoformat(start))
    staged = [t for t in truth(scenario) if t.rule.startswith(MINE)]
    assert len(staged) >= 24
    out = decide(live(scenario), scenario.end_ms + 1000)
    rules = [rule.id for rule in load_catalogue() if rule.id.startswith(MINE)]
    scores = {score.rule: score for score in evaluate(raised(out), staged, rules)}
    # The simulator's posts cannot answer alerts whose ids they do not know; one alert says so for all of them.
    waiting = scores.pop("stf-12")
    assert [s for s in scores.values() if s.found < s.incidents or s.wrong] == []
    assert waiting.alerts <= 4
    assert out.quarantine == []
