"""Life in the cell from the end of a night to the morning: every rule finds its incident and nothing else."""

from __future__ import annotations

from datetime import datetime

from ingestion.sources.simulator import Scenario, live, truth
from streaming_jobs.evaluation import evaluate
from tests.support.simulated import decide, raised

MORNING = Scenario(
    live_facilities=1, fps=1, start=datetime.fromisoformat("2026-11-23T05:25:00+08:00"), live_seconds=5400, seed=11
)
STAGED = tuple(f"cel-{n:02d}" for n in (*range(1, 16), 17))
"""Solitary confinement (cel-16) and the hour outside (cel-18) need days; their unit tests begin in the last one."""


def test_each_rule_of_the_cell_finds_its_incidents_and_raises_nothing_else() -> None:
    expected = [t for t in truth(MORNING) if t.rule.startswith("cel-")]
    assert {t.rule for t in expected} == set(STAGED)
    out = decide(live(MORNING), MORNING.end_ms + 1000)
    for score in evaluate(raised(out), expected, STAGED):
        assert (score.recall, score.precision) == (1.0, 1.0), score
    assert {a["rule"] for a in raised(out) if a["rule"].startswith("cel-")} == set(STAGED)
    assert [a for a in out.alert if a["verdict"] == "unobservable" and a["rule"] in STAGED] == []
    assert out.quarantine == []
