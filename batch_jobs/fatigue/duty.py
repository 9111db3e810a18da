"""Figures of an officer's duty at a moment, and what is to be said before a limit is reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from batch_jobs.fatigue.shifts import Shift
from batch_jobs.fatigue.sleep import sleeps_between
from batch_jobs.fatigue.three_process import sleepiness

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
LOOK_BACK, LOOK_AHEAD = 28 * DAY_MS, 7 * DAY_MS
NEAR = 0.9
"""A share of a limit at which it is said that it comes near."""
FREE_MS = 36 * HOUR_MS
"""Longer off duty than this ends a closed duty, as rule stf-07 counts."""
RUN_IN_H, STEP_H = 96.0, 0.25

Kind = Literal["duty", "rest", "closed_days", "fatigue"]


@dataclass(frozen=True)
class Limits:
    """Hours on duty at most, hours of rest at least, days of closed duty at most (rule stf-07), and KSS."""

    duty_h: float
    rest_h: float
    closed_days: float
    kss: float = 7.0
    """Sleepy, but no effort to keep awake: from here on the scale's risk rises (Ingre et al. 2014)."""


@dataclass(frozen=True)
class Warned:
    """A limit that is near, or passed, or will be by the plan; ``at`` in ms."""

    kind: Kind
    shift: str
    at: int
    value: float
    limit: float
    state: Literal["near", "over"]
    zh: str
    en: str


@dataclass(frozen=True)
class Figures:
    """What an officer sees; None where it cannot be known. Hours, days, KSS (1 to 9)."""

    hours_7d: float
    hours_28d: float
    on_duty_h: float
    last_rest_h: float | None
    next_rest_h: float | None
    closed_days: float
    sleepiness_now: float | None
    sleepiness_next: float | None
    warnings: tuple[Warned, ...]


def assess(shifts: Sequence[Shift], now: int, limits: Limits, utc_offset_h: float = 8.0) -> Figures:
    """Figures at a moment (ms) from an officer's shifts in order, with warnings for the coming seven days.

    A shift that was planned and never signed on to counts for nothing once it is over.
    """
    kept = [
        shift
        for shift in shifts
        if now - LOOK_BACK < shift.end or shift.state == "on"
        if shift.begin < now + LOOK_AHEAD and (shift.state != "planned" or shift.end > now)
    ]
    kept = [_until(shift, now) for shift in kept]
    begun = [shift for shift in kept if shift.state != "planned"]
    on = next((shift for shift in begun if shift.state == "on"), None)
    ahead = [shift for shift in kept if shift.state == "planned"]
    worst = {shift.shift: _worst(kept, shift, utc_offset_h) for shift in kept if shift.end > now - DAY_MS}
    rests = {after.shift: (after.begin - before.end) / HOUR_MS for before, after in pairwise(kept)}
    closed = _closed_days(kept, now)
    last, coming = (begun[-1] if begun else None), (ahead[0] if ahead else None)
    warnings: list[Warned] = []
    for shift in kept:
        if shift.end <= now - DAY_MS:
            continue
        hours = (shift.end - shift.begin) / HOUR_MS
        warnings += _high(
            "duty", shift, hours, limits.duty_h, "连续执勤 {:.1f} 小时（上限 {:g}）", "{:.1f} h on duty (at most {:g})"
        )
        if shift.shift in rests and rests[shift.shift] < limits.rest_h / NEAR:
            warnings.append(_low(shift, rests[shift.shift], limits.rest_h))
        kss, at = worst[shift.shift]
        text = ("疲劳指数 KSS {:.1f}（警戒 {:g}）", "sleepiness KSS {:.1f} (limit {:g})")
        warnings += _high("fatigue", shift, kss, limits.kss, *text, at=at)
        if shift.closed:
            days = _closed_days([s for s in kept if s.begin <= shift.begin], shift.end)
            text = ("封闭执勤 {:.1f} 天（上限 {:g}）", "{:.1f} days of closed duty (at most {:g})")
            warnings += _high("closed_days", shift, days, limits.closed_days, *text)
    return Figures(
        hours_7d=_hours(begun, now - 7 * DAY_MS, now),
        hours_28d=_hours(begun, now - LOOK_BACK, now),
        on_duty_h=(now - on.begin) / HOUR_MS if on else 0.0,
        last_rest_h=rests.get(last.shift) if last else None,
        next_rest_h=rests.get(coming.shift) if coming else None,
        closed_days=closed,
        sleepiness_now=worst[on.shift][0] if on else None,
        sleepiness_next=worst[coming.shift][0] if coming else None,
        warnings=tuple(sorted(warnings, key=lambda w: (w.at, w.kind))),
    )


def _until(shift: Shift, now: int) -> Shift:
    """A shift that is on lasts at least until now."""
    return Shift(shift.shift, shift.begin, max(shift.end, now), "on", shift.closed) if shift.state == "on" else shift


def _hours(shifts: Sequence[Shift], begin: int, end: int) -> float:
    return sum(max(0, min(shift.end, end) - max(shift.begin, begin)) for shift in shifts) / HOUR_MS


def _closed_days(shifts: Sequence[Shift], at: int) -> float:
    """Days since the run of closed shifts began that had not ended by a moment; 0 outside of one."""
    begin, end = -1, -1
    for shift in shifts:
        if shift.begin > at:
            break
        if not shift.closed:
            begin = -1
        elif begin < 0 or shift.begin - end > FREE_MS:
            begin = shift.begin
        end = shift.end
    return (at - begin) / DAY_MS if begin >= 0 and at - end <= FREE_MS else 0.0


def _worst(shifts: Sequence[Shift], about: Shift, utc_offset_h: float) -> tuple[float, int]:
    """Highest KSS of a shift and when (ms), with the sleep that the shifts before leave."""

    def local(ms: int) -> float:
        return ms / HOUR_MS + utc_offset_h

    begin, end = local(about.begin), local(about.end)
    duties = [(local(shift.begin), local(shift.end)) for shift in shifts if shift.begin <= about.begin]
    duties = [duty for duty in duties if duty[1] > begin - RUN_IN_H]
    first = min([begin, *(duty[0] for duty in duties)]) - RUN_IN_H
    moments = [begin + STEP_H * n for n in range(int((end - begin) / STEP_H) + 1)]
    found = sleepiness(sleeps_between(duties, first, begin), moments)
    at = max(range(len(found)), key=lambda n: found[n])
    return found[at], about.begin + round(at * STEP_H * HOUR_MS)


def _high(
    kind: Kind, shift: Shift, value: float, limit: float, zh: str, en: str, at: int | None = None
) -> list[Warned]:
    if value < NEAR * limit:
        return []
    when = shift.end if at is None else at
    state: Literal["near", "over"] = "over" if value > limit else "near"
    return [Warned(kind, shift.shift, when, value, limit, state, zh.format(value, limit), en.format(value, limit))]


def _low(shift: Shift, value: float, limit: float) -> Warned:
    zh, en = f"班前休息 {value:.1f} 小时（至少 {limit:g}）", f"{value:.1f} h of rest before it (at least {limit:g})"
    return Warned("rest", shift.shift, shift.begin, value, limit, "over" if value < limit else "near", zh, en)
