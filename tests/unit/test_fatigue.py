"""The three-process model against figures worked by hand from its publication; duty, rest, closed duty, warnings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_jobs.fatigue import Limits, Shift, assess, shifts_of
from batch_jobs.fatigue.sleep import sleeps_between
from batch_jobs.fatigue.three_process import SLEEP_RATE, c_of, kss, s_asleep, s_awake, sleepiness, u_of, w_of
from ingestion.contracts import DutyShift

LIMITS = Limits(duty_h=12, rest_h=8, closed_days=14)
HOUR = 3_600_000


def ms(day: int, hour: float) -> int:
    """A local time (UTC+8) of November 2026."""
    local = datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=8))) + timedelta(days=day - 1, hours=hour)
    return int(local.astimezone(UTC).timestamp() * 1000)


def done(day: int, begin: float, hours: float, closed: bool = False, state: str = "done") -> Shift:
    return Shift(f"s-{day}-{begin:g}", ms(day, begin), ms(day, begin + hours), state, closed)  # type: ignore[arg-type]


def test_homeostasis_falls_awake_and_rises_asleep_as_published() -> None:
    # 2.4 + (14 - 2.4) exp(-0.0353 * 16) = 2.4 + 11.6 * 0.56848
    assert s_awake(14.0, 16) == pytest.approx(8.994, abs=0.001)
    # g = ln(0.3 / 6.34) / 8: what takes S from 7.96 to 14 in eight hours where the rise slows from the start.
    assert pytest.approx(-0.3813, abs=0.0001) == SLEEP_RATE
    # Even rise of 0.3813 * 2.1 = 0.8008 an hour to 12.2, reached after 5.295 h; then 14.3 - 2.1 exp(-0.3813 * 2.705).
    assert s_asleep(7.96, 2) == pytest.approx(9.5616, abs=0.001)
    assert s_asleep(7.96, 5.295) == pytest.approx(12.2, abs=0.001)
    assert s_asleep(7.96, 8) == pytest.approx(13.551, abs=0.002)
    assert s_asleep(13.0, 1) == pytest.approx(14.3 - 1.3 * 0.68296, abs=0.001)


def test_the_day_peaks_at_1648_and_dips_after_noon_as_published() -> None:
    assert (c_of(16.8), c_of(4.8)) == (pytest.approx(2.5), pytest.approx(-2.5))
    assert (u_of(19.8), u_of(13.8)) == (pytest.approx(0.0), pytest.approx(-1.0))


def test_sleep_inertia_and_the_karolinska_scale_as_published() -> None:
    assert w_of(0) == pytest.approx(-5.72)
    assert w_of(1) == pytest.approx(-5.72 * 0.22091, abs=0.001)
    assert kss(6.0) == pytest.approx(7.0)
    assert (kss(30), kss(-9)) == (1.0, 9.0)


def test_a_night_awake_is_worked_out_by_hand() -> None:
    # Asleep from 23 to 7, awake until 5 the next morning, 22 h: S = 2.4 + 11.151 exp(-0.7766) = 7.529;
    # C(5) = 2.5 cos(-pi/12 * 11.8) = -2.4966; U(5) = -0.5 + 0.5 cos(-pi/6 * 14.8) = -0.4477; W = 0.
    assert sleepiness([(-1.0, 7.0)], [29.0]) == [pytest.approx(10.6 - 0.6 * (7.529 - 2.4966 - 0.4477), abs=0.01)]


def test_sleep_is_taken_at_night_and_after_a_night_duty_by_day() -> None:
    assert sleeps_between([(8, 17), (32, 41)], -24, 32) == [(-25 + 1, -17), (-1, 7), (23, 31)]
    after_night = sleeps_between([(20, 32)], -2, 56)
    assert after_night == [(-1, 7), (33, 39), (47, 55)]
    assert sleeps_between([(8, 30.5), (32, 40)], 0, 32) == [(0, 7)]  # no time to sleep between


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 40), st.floats(1, 24)), max_size=8))
def test_nobody_sleeps_on_duty_or_twice_at_once(gaps: list[tuple[float, float]]) -> None:
    duties, at = [], 0.0
    for gap, hours in gaps:
        duties.append((at + gap, at + gap + hours))
        at = duties[-1][1]
    sleeps = sleeps_between(duties, -72, at + 48)
    assert all(a < b for a, b in sleeps)
    assert all(b <= c for (_, b), (c, _) in pairwise(sleeps))
    assert not [(s, d) for s in sleeps for d in duties if s[0] < d[1] and d[0] < s[1]]


def test_hours_rest_and_closed_days_are_counted() -> None:
    shifts = [done(2, 8, 8), done(9, 8, 8, closed=True), done(10, 8, 12, closed=True), done(11, 6, 9, True, "on")]
    found = assess(shifts, ms(11, 10), LIMITS)
    assert found.hours_28d == pytest.approx(8 + 8 + 12 + 4)
    assert found.hours_7d == pytest.approx(8 + 12 + 4)
    assert found.on_duty_h == pytest.approx(4)
    assert found.last_rest_h == pytest.approx(10)
    assert found.closed_days == pytest.approx(2 + 2 / 24)
    assert found.next_rest_h is None


def test_a_long_rest_or_an_open_shift_ends_a_closed_duty() -> None:
    closed = [done(2, 8, 8, closed=True), done(5, 8, 8, closed=True)]
    assert assess(closed, ms(5, 20), LIMITS).closed_days == pytest.approx(0.5)
    assert assess(closed, ms(8, 20), LIMITS).closed_days == 0
    assert assess([*closed, done(6, 8, 8)], ms(6, 20), LIMITS).closed_days == 0


def test_a_plan_that_will_break_a_limit_is_warned_of_before_it_does() -> None:
    shifts = [done(10, 8, 8), done(12, 8, 14, state="planned"), done(13, 4, 8, state="planned")]
    found = assess(shifts, ms(11, 9), LIMITS)
    said = {(w.kind, w.shift): (w.state, w.zh, w.en) for w in found.warnings}
    assert said["duty", "s-12-8"] == ("over", "连续执勤 14.0 小时（上限 12）", "14.0 h on duty (at most 12)")
    assert said["rest", "s-13-4"] == ("over", "班前休息 6.0 小时（至少 8）", "6.0 h of rest before it (at least 8)")
    assert all(w.at > ms(11, 9) for w in found.warnings)


def test_a_limit_that_comes_near_is_said_before_it_is_reached() -> None:
    found = assess([done(10, 8, 11, state="planned")], ms(9, 9), LIMITS)
    assert [(w.kind, w.state) for w in found.warnings if w.kind == "duty"] == [("duty", "near")]
    quiet = assess([done(10, 9, 8, state="planned")], ms(9, 9), LIMITS)
    assert quiet.warnings == ()


def test_a_second_night_duty_in_a_row_is_more_tiring_than_a_day_duty() -> None:
    days = assess([done(d, 8, 8, state="planned") for d in (10, 11)], ms(9, 9), LIMITS)
    nights = assess([done(d, 20, 12, state="planned") for d in (10, 11)], ms(9, 9), LIMITS)
    assert days.sleepiness_next is not None
    assert nights.sleepiness_next is not None
    assert nights.sleepiness_next > 7 > days.sleepiness_next
    assert [w for w in nights.warnings if w.kind == "fatigue"]


def test_a_planned_shift_that_nobody_came_to_counts_for_nothing() -> None:
    found = assess([done(9, 8, 14, state="planned")], ms(11, 9), LIMITS)
    assert (found.hours_28d, found.warnings) == (0.0, ())


def test_without_shifts_nothing_is_claimed() -> None:
    found = assess([], ms(11, 9), LIMITS)
    assert (found.hours_7d, found.sleepiness_now, found.sleepiness_next, found.last_rest_h) == (0.0, None, None, None)


# -- the roster's events --------------------------------------------------------------------------


def event(action: str, day: int, hour: float, shift: str = "s", plan: tuple[float, float] | None = None) -> DutyShift:
    when = {} if plan is None else {"starts_at": ms(day, plan[0]), "ends_at": ms(day, plan[1])}
    return DutyShift(
        facility="330101", event_time=ms(day, hour), device="roster", shift=shift, post="A", officer="o-1",
        action=action, **when,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_shift_is_planned_signed_on_and_off() -> None:
    plan = event("plan", 10, 0, plan=(8, 16))
    assert [s.state for s in shifts_of([plan], "o-1")] == ["planned"]
    on = [plan, event("sign_on", 10, 8.5)]
    assert [(s.begin, s.end, s.state) for s in shifts_of(on, "o-1")] == [(ms(10, 8), ms(10, 16), "on")]
    off = [*on, event("sign_off", 10, 17)]
    assert [(s.begin, s.end, s.state) for s in shifts_of(off, "o-1")] == [(ms(10, 8), ms(10, 17), "done")]
    assert shifts_of(reversed(off), "o-1") == shifts_of(off, "o-1")
    assert shifts_of(off, "o-2") == []


def test_a_cancelled_shift_is_gone_and_one_without_a_plan_counts_from_its_sign_on() -> None:
    assert shifts_of([event("plan", 10, 0, plan=(8, 16)), event("cancel", 10, 1)], "o-1") == []
    unplanned = shifts_of([event("sign_on", 10, 8), event("sign_off", 10, 12)], "o-1")
    assert [(s.end - s.begin) / HOUR for s in unplanned] == [4]
