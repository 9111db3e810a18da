"""Patrols: how long a stay at a cell and a whole round took."""

from __future__ import annotations

from math import inf, isnan

from ingestion.contracts import PatrolCheckIn
from ingestion.contracts.platform import PatrolRound
from tests.support.wing import Told, event, wing

ROUND = PatrolRound(at="12:00", zones=["A1", "A2"], minutes=1.0)


def visit(zone: str, at: float, action: str = "arrive", officer: str = "o-1") -> PatrolCheckIn:
    return event(PatrolCheckIn, at, f"point-{zone}", zone=zone, officer=officer, action=action, round="12:00")


def test_a_stay_is_known_from_the_departure_on_for_a_minute() -> None:
    told = Told([visit("A1", 10), visit("A1", 12.5, "leave")], 100)
    assert told("zone.patrol_dwell_s", 9, "A1") == inf
    assert isnan(told("zone.patrol_dwell_s", 11, "A1"))
    assert told("zone.patrol_dwell_s", 12, "A1") == 2.5
    assert told("zone.patrol_dwell_s", 72, "A1") == 2.5
    assert told("zone.patrol_dwell_s", 73, "A1") == inf
    assert told("zone.patrol_dwell_s", 12, "A2") == inf


def test_where_no_departure_is_reported_the_next_arrival_of_the_same_officer_ends_the_stay() -> None:
    told = Told([visit("A1", 10), visit("A2", 11, officer="o-2"), visit("A2", 14)], 30)
    assert isnan(told("zone.patrol_dwell_s", 13, "A1"))
    assert told("zone.patrol_dwell_s", 14, "A1") == 4


def test_a_second_check_in_at_the_same_place_does_not_begin_the_stay_anew() -> None:
    told = Told([visit("A1", 10), visit("A1", 14), visit("A1", 17, "leave")], 30)
    assert told("zone.patrol_dwell_s", 17, "A1") == 7


def test_a_departure_that_never_comes_is_given_up_after_a_quarter_of_an_hour() -> None:
    told = Told([visit("A1", 10)], 1000)
    assert isnan(told("zone.patrol_dwell_s", 910, "A1"))
    assert told("zone.patrol_dwell_s", 911, "A1") == inf


def test_a_round_is_measured_from_its_first_arrival_to_its_last_departure_against_its_plan() -> None:
    events = [visit("A1", 10), visit("A1", 20, "leave"), visit("A2", 25), visit("A2", 34, "leave")]
    told = Told(events, 60, wing(rounds=[ROUND]))
    assert told("zone.patrol_round_share", 33, "A2") == inf
    assert told("zone.patrol_round_share", 34, "A2") == 24 / 60
    assert told("zone.patrol_round_share", 34, "A1") == inf
    assert told.alerts("stf-02") == [("raised", "A2", 34)]
    untimed = Told(events, 60, wing(rounds=[PatrolRound(at="12:00", zones=["A1", "A2"])]))
    assert untimed("zone.patrol_round_share", 34, "A2") == inf


def test_check_ins_that_arrive_in_disorder_within_the_lateness_give_the_same_stay() -> None:
    told = Told([visit("A1", 12, "leave"), visit("A1", 10.5), visit("A2", 30)], 40)
    assert told("zone.patrol_dwell_s", 12, "A1") == 1.5
    assert not told.out.quarantine


def test_a_restart_between_arrival_and_departure_changes_nothing() -> None:
    told = Told([visit("A1", 10), visit("A1", 12, "leave")], 60, restart=2)
    assert told("zone.patrol_dwell_s", 13, "A1") == 2
