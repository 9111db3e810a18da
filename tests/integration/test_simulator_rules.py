"""The simulator's events through the fold and the kernel: quiet life is quiet, and incidents are found."""

from __future__ import annotations

from datetime import datetime

import pytest

from ingestion.sources.simulator import Noise, Scenario, live, truth
from streaming_jobs.evaluation import evaluate
from tests.support.simulated import decide, raised

FIRST_EIGHT = ("int-01", "cel-01", "cel-02", "cel-06", "cel-12", "stf-01", "hlt-03", "dev-01")
HOUR = Scenario(live_facilities=1)


@pytest.mark.parametrize(
    ("start", "noise"),
    [
        ("2026-11-23T20:50:00+08:00", Noise()),
        ("2026-11-23T20:50:00+08:00", Noise(jitter_m=0.04, missed=0.03, lost=0.004)),
        ("2026-11-23T09:00:00+08:00", Noise()),
    ],
)
def test_quiet_life_raises_no_alert(start: str, noise: Noise) -> None:
    quiet = Scenario(
        live_facilities=1, quiet=True, noise=noise, start=datetime.fromisoformat(start), live_seconds=2400, fps=1
    )
    out = decide(live(quiet), quiet.end_ms + 1000)
    assert [(a["rule"], a["verdict"], a["zone"], a["onset"]) for a in out.alert] == []
    assert out.quarantine == []
    assert truth(quiet) == []


def test_each_of_the_first_eight_rules_finds_its_incident_and_nothing_else_is_raised() -> None:
    expected = [t for t in truth(HOUR) if t.rule in FIRST_EIGHT]
    assert {t.rule for t in expected} == set(FIRST_EIGHT)
    out = decide(live(HOUR), HOUR.end_ms + 1000)
    for score in evaluate(raised(out), expected, FIRST_EIGHT):
        assert (score.recall, score.precision) == (1.0, 1.0), score
    assert out.quarantine == []
