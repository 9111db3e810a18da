"""Working hours: time on duty, rest before it, closed duty."""

from __future__ import annotations

from math import inf

from ingestion.contracts import DutyShift, PersonContext
from tests.support.wing import Told, event

HOUR, DAY = 3600, 86_400


def duty(at: float, action: str, name: str = "s-1", **more: object) -> DutyShift:
    return event(DutyShift, at, "roster", shift=name, post="block-a", officer="o-1", action=action, **more)


def officer(at: float = 0, present: bool = True) -> PersonContext:
    return event(PersonContext, at, "register", subject="o-1", role="officer", present=present)


def test_duty_counts_from_the_sign_on_or_the_planned_start_if_that_was_earlier() -> None:
    told = Told([officer(), duty(10, "sign_on")], 40)
    assert [told("subject.on_duty_s", at, "o-1") for at in (9, 10, 30)] == [0, 0, 20]
    late = Told([officer(), duty(1, "plan", starts_at=-HOUR, ends_at=HOUR), duty(10, "sign_on")], 40)
    assert late("subject.on_duty_s", 10, "o-1") == HOUR + 10


def test_a_corrected_plan_moves_the_begin_even_if_it_comes_after_the_sign_on() -> None:
    told = Told([officer(), duty(10, "sign_on"), duty(20, "plan", starts_at=-100, ends_at=HOUR)], 40)
    assert [told("subject.on_duty_s", at, "o-1") for at in (19, 20)] == [9, 120]


def test_duty_ends_with_the_sign_off_or_when_the_officer_has_left_the_facility() -> None:
    told = Told([officer(), duty(10, "sign_on"), duty(20, "sign_off")], 40)
    assert told("subject.on_duty_s", 25, "o-1") == 0
    gone = Told([officer(), duty(10, "sign_on"), officer(20, present=False), officer(25)], 40)
    assert gone("subject.on_duty_s", 30, "o-1") == 0


def test_rest_lies_between_the_last_sign_off_and_the_duty_that_is_on() -> None:
    events = [officer(), duty(10, "sign_on"), duty(20, "sign_off"), duty(50, "sign_on", "s-2")]
    told = Told(events, 80)
    assert [told("subject.rest_before_s", at, "o-1") for at in (15, 30, 60)] == [inf, inf, 30]
    assert told.alerts("stf-07") == [("raised", "", 50)]


def test_closed_duty_goes_on_over_rests_and_ends_with_a_free_day_and_a_half() -> None:
    first = duty(1, "plan", starts_at=-3 * DAY, ends_at=10, closed_duty=True)
    second = duty(30, "plan", "s-2", starts_at=40, ends_at=HOUR, closed_duty=True)
    told = Told([officer(), first, duty(2, "sign_on"), duty(20, "sign_off"), second, duty(41, "sign_on", "s-2")], 60)
    assert 3 < told("subject.closed_duty_days", 30, "o-1") < 3.001
    assert 3 < told("subject.closed_duty_days", 50, "o-1") < 3.001
    free = Told([officer(), first, duty(2, "sign_on"), duty(3, "sign_off")], 600)
    assert free("subject.closed_duty_days", 500, "o-1") > 3
    open_duty = Told([officer(), duty(1, "plan", starts_at=-3 * DAY, ends_at=10), duty(2, "sign_on")], 20)
    assert open_duty("subject.closed_duty_days", 10, "o-1") == 0
