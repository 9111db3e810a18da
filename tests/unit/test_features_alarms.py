"""The platform's own alarms: which wait for an answer, and for how long."""

from __future__ import annotations

import pytest

from ingestion.contracts import EnvironmentReading, Event, TerminalEvent
from tests.support.wing import ROOMS, Told, event, wing


def smoke(at: float, alarm: str = "smoke") -> EnvironmentReading:
    return event(EnvironmentReading, at, "smoke-A1", zone="A1", alarm=alarm)


def answer(at: float, alert: str, action: str) -> TerminalEvent:
    return event(TerminalEvent, at, "terminal-CTL", action=action, post="CTL", alert=alert)


def fire_id(*events: Event) -> str:
    """The id of the fire alert, as a post's screen shows it."""
    return next(str(a["alert_id"]) for a in Told(events, 20).out.alert if a["rule"] == "env-01")


def test_an_alert_waits_from_the_second_after_it_was_raised_and_severities_are_told_apart() -> None:
    told = Told([smoke(10)], 60)
    assert [told("facility.unanswered_critical_s", at) for at in (10, 11, 50)] == [0, 1, 40]
    assert told("facility.unanswered_major_s", 50) == 0


@pytest.mark.parametrize("action", ["acknowledge", "on_scene", "done", "false_alarm"])
def test_any_answer_of_a_post_ends_the_waiting(action: str) -> None:
    told = Told([smoke(10), answer(30, fire_id(smoke(10)), action)], 200)
    assert [told("facility.unanswered_critical_s", at) for at in (29, 30)] == [19, 0]
    assert told.alerts("stf-12") == []


def test_an_answer_to_another_alert_is_none() -> None:
    told = Told([smoke(10), answer(30, "another", "done")], 60)
    assert told("facility.unanswered_critical_s", 50) == 40


def test_an_alert_that_clears_waits_no_longer() -> None:
    told = Told([smoke(10), smoke(20, "none")], 60)
    assert told("facility.unanswered_critical_s", 25) == 15
    assert told("facility.unanswered_critical_s", 30) == 0


@pytest.mark.parametrize("restart", [0, 2])
def test_many_unanswered_alerts_are_one_alert_of_the_facility_which_does_not_wait_for_itself(restart: int) -> None:
    more = event(EnvironmentReading, 15, "smoke-A2", zone="A2", alarm="smoke")
    told = Told([smoke(10), more], 300, wing(blind=ROOMS), restart)
    assert told.alerts("stf-12") == [("raised", "", 71)]
    assert told.alerts("stf-12", "unobservable") == []
    # The alert about the waiting alerts is of severity major; it is not counted among them.
    assert told("facility.unanswered_major_s", 69) == told("facility.unanswered_major_s", 72) == 0


def test_what_cannot_be_observed_asks_for_no_answer() -> None:
    # There is no camera here, so the control room is unobservable.
    told = Told([], 300, wing(blind=ROOMS))
    assert told.alerts("stf-03", "unobservable") == [("raised", "CTL", 60)]
    assert told("facility.unanswered_major_s", 290) == 0
