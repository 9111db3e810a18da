"""Working hours of officers: time on duty, rest before it, days under closed duty."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

FREE_S = 36 * 3600  # longer off duty than this ends a closed duty
DAY_S = 86_400

FEATURES = (
    Feature(
        "subject.on_duty_s",
        "s",
        "Time on duty: since the sign-on or the planned start, whichever is earlier; 0 off duty.",
        "never",
    ),
    Feature(
        "subject.rest_before_s",
        "s",
        "Rest between the last sign-off and the duty that is on; infinite off duty or where no earlier duty is known.",
        "never",
    ),
    Feature(
        "subject.closed_duty_days", "d", "Days since the closed duty began, for those under it; 0 for others.", "never"
    ),
)


class Planned(msgspec.Struct):
    officer: str
    starts_s: int
    ends_s: int
    closed: bool


class OnDuty(msgspec.Struct):
    shift: str
    signed_s: int
    since_s: int


class Closed(msgspec.Struct):
    """A run of shifts under closed duty: its begin, and the last sign-off in it (-1 while on duty)."""

    from_s: int
    off_s: int = -1


class State(msgspec.Struct):
    planned: dict[str, Planned] = {}
    on: dict[str, OnDuty] = {}  # officer -> duty that is on
    off_s: dict[str, int] = {}  # officer -> last sign-off
    closed: dict[str, Closed] = {}  # officer -> closed duty


def _duty(state: State, world: World, second: int, event: Any) -> None:
    if event.action == "cancel":
        state.planned.pop(event.shift, None)
    elif event.action == "sign_off":
        _off(state, event.officer, second)
        state.planned.pop(event.shift, None)
    if event.action in ("plan", "sign_on") and event.starts_at is not None and event.ends_at is not None:
        state.planned[event.shift] = Planned(
            event.officer, event.starts_at // 1000, event.ends_at // 1000, event.closed_duty
        )
    if event.action == "sign_on" and event.officer not in state.on:
        state.on[event.officer] = OnDuty(event.shift, second, second)
    mine = state.on.get(event.officer)
    if mine is not None and mine.shift == event.shift:
        _begin(state, event.officer, mine)
    if event.action == "plan":
        for name in [n for n, p in state.planned.items() if p.ends_s < second - DAY_S and not _is_on(state, n, p)]:
            del state.planned[name]


def _is_on(state: State, shift: str, planned: Planned) -> bool:
    mine = state.on.get(planned.officer)
    return mine is not None and mine.shift == shift


def _begin(state: State, officer: str, mine: OnDuty) -> None:
    """Work out when the duty began; again when its plan is corrected."""
    planned = state.planned.get(mine.shift)
    mine.since_s = mine.signed_s if planned is None else min(mine.signed_s, planned.starts_s)
    closed = state.closed.get(officer)
    if planned is None or not planned.closed:
        state.closed.pop(officer, None)
    elif closed is None or (closed.off_s >= 0 and mine.since_s - closed.off_s > FREE_S):
        state.closed[officer] = Closed(mine.since_s)
    else:
        # A corrected plan of the first shift moves the begin of the closed duty with it.
        closed.from_s, closed.off_s = min(closed.from_s, mine.since_s), -1


def _off(state: State, officer: str, second: int) -> None:
    if state.on.pop(officer, None) is not None:
        state.off_s[officer] = second
    if officer in state.closed:
        state.closed[officer].off_s = second


def _person(state: State, world: World, second: int, event: Any) -> None:
    if not event.present:  # who has left the facility is off duty, signed off or not
        _off(state, event.subject, second)


def compute(state: State, sheet: Sheet) -> None:
    second = sheet.second
    sheet.set("subject.on_duty_s", sheet.by_subject({o: float(second - d.since_s) for o, d in state.on.items()}, 0.0))
    rest = {o: float(d.since_s - state.off_s[o]) for o, d in state.on.items() if o in state.off_s}
    sheet.set("subject.rest_before_s", sheet.by_subject(rest, np.inf))
    for officer in [o for o, c in state.closed.items() if c.off_s >= 0 and second - c.off_s > FREE_S]:
        del state.closed[officer]
    if second % DAY_S == 0:
        for officer in [o for o, at in state.off_s.items() if second - at > 60 * DAY_S]:
            del state.off_s[officer]
    days = {officer: (second - closed.from_s) / DAY_S for officer, closed in state.closed.items()}
    sheet.set("subject.closed_duty_days", sheet.by_subject(days, 0.0))


DOMAIN = Domain("duty_hours", FEATURES, compute, State, {"DutyShift": _duty, "PersonContext": _person})
