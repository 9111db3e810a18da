"""Incident kinds: each finds its place, names what exists, and leaves diaries without contradictions."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest

from ingestion.sources.simulator import Scenario
from ingestion.sources.simulator.incidents import KINDS, inject
from ingestion.sources.simulator.life import fill
from ingestion.sources.simulator.movement import Tracks
from ingestion.sources.simulator.stage import Stage

LONG = Scenario(live_facilities=1, live_seconds=50 * 3600)
HOUR = Scenario(live_facilities=1)
AT_NIGHT_OR_FOR_HOURS = {
    "admission_not_examined",
    "interrogation_at_night",
    "interrogation_over_time",
    "lawyer_waits",
    "up_at_night",
}


def staged(scenario: Scenario) -> Stage:
    stage = Stage(scenario, scenario.live_places[0])
    inject(stage)
    return stage


def test_every_kind_is_staged_where_there_is_time() -> None:
    assert {t.kind for t in staged(LONG).truths} == set(KINDS)


@pytest.mark.parametrize("seed", range(1, 6))
def test_an_evening_hour_holds_every_kind_that_fits_into_an_hour(seed: int) -> None:
    stage = staged(Scenario(live_facilities=1, seed=seed))
    # A man alone in the women's block needs an officer who is free while no woman is there; some evenings have none.
    missing = set(KINDS) - AT_NIGHT_OR_FOR_HOURS - {t.kind for t in stage.truths}
    assert missing <= {"man_alone_in_the_womens_block"}
    assert not {t.kind for t in stage.truths} & AT_NIGHT_OR_FOR_HOURS


def test_a_night_holds_what_happens_at_night_only() -> None:
    night = Scenario(live_facilities=1, start=datetime.fromisoformat("2026-11-23T23:00:00+08:00"))
    assert {"interrogation_at_night", "up_at_night"} <= {t.kind for t in staged(night).truths}


def test_truth_names_zones_people_and_times_that_exist() -> None:
    stage = staged(HOUR)
    subjects = {p.subject for p in stage.people}
    for truth in stage.truths:
        assert truth.zone in {*stage.plan.rooms, *stage.plan.cells, ""}
        assert set(truth.subjects) <= subjects
        assert HOUR.start_ms <= truth.begin_ms <= truth.end_ms <= HOUR.end_ms, truth
        assert truth.rule == KINDS[truth.kind].rule or truth.kind == "cell_over_capacity"


@pytest.mark.parametrize("seed", range(1, 6))
def test_nobody_is_in_two_places_at_once(seed: int) -> None:
    stage = staged(Scenario(live_facilities=1, seed=seed))
    fill(stage)
    Tracks(stage.people)  # refuses legs that overlap
    for person in stage.people:
        legs = sorted(person.legs, key=lambda leg: leg.t[0])
        for before, after in pairwise(legs):
            gap = abs(before.x[-1] - after.x[0]) + abs(before.y[-1] - after.y[0])
            assert gap < 1e-6, f"{person.subject} jumps {gap:.1f} m at {after.t[0]:.0f} s"
