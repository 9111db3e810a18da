"""Changes of shift: the outgoing officer hands over and signs off, and the post is never without an officer."""

from __future__ import annotations

from typing import Any

import msgspec

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

NEVER_S = 2**62
NEAR_S = 1800  # a shift relieves another if it begins this near to its end, and so near lies its handover
FORGET_S = 4 * 3600  # a change that was never completed is dropped after this time

FEATURES = (
    Feature(
        "facility.handover_overdue_s",
        "s",
        "Longest time since a planned change of shift at a post whose handover or sign-off is missing; 0 if none is.",
        "never",
    ),
    Feature(
        "facility.post_uncovered_s",
        "s",
        "Longest time for which a post with a planned shift has had nobody signed on since an officer signed off.",
        "never",
    ),
)


class Shift(msgspec.Struct):
    post: str
    officer: str
    starts_s: int = -1
    ends_s: int = -1
    on: bool = False
    off: bool = False


class State(msgspec.Struct):
    shifts: dict[str, Shift] = {}
    handed_s: dict[str, int] = {}  # post -> last handover
    left_s: dict[str, int] = {}  # post -> last sign-off
    changed_s: list[int] = []  # planned times of the changes that are not complete
    uncovered_s: list[int] = []  # times since which posts have had nobody
    until_s: int = 0  # both lists hold until here, or until an event


def _duty(state: State, world: World, second: int, event: Any) -> None:
    state.until_s = 0
    if event.action == "cancel":
        state.shifts.pop(event.shift, None)
        return
    shift = state.shifts.setdefault(event.shift, Shift(event.post, event.officer))
    shift.post, shift.officer = event.post, event.officer
    if event.starts_at is not None and event.ends_at is not None:
        shift.starts_s, shift.ends_s = event.starts_at // 1000, event.ends_at // 1000
    if event.action == "sign_on":
        shift.on, shift.off = True, False
    elif event.action == "sign_off":
        shift.off = True
        state.left_s[event.post] = second
        if shift.ends_s < 0:  # a shift that nobody planned is over with it
            del state.shifts[event.shift]


def _terminal(state: State, world: World, second: int, event: Any) -> None:
    if event.action not in ("handover", "sign_off"):
        return
    state.until_s = 0
    if event.action == "handover":
        state.handed_s[event.post] = second
    else:
        for shift in state.shifts.values():
            if shift.post == event.post and shift.officer == event.officer and shift.on:
                shift.off = True
                state.left_s[event.post] = second


def _look(state: State, second: int) -> None:
    """Which changes are incomplete and which posts are empty, as of now."""
    state.shifts = {name: s for name, s in state.shifts.items() if s.ends_s < 0 or second - s.ends_s <= FORGET_S}
    shifts = list(state.shifts.values())
    begins: dict[str, list[Shift]] = {}
    for shift in shifts:
        begins.setdefault(shift.post, []).append(shift)
    state.changed_s = [
        shift.ends_s
        for shift in shifts
        if 0 <= shift.ends_s <= second
        and any(abs(s.starts_s - shift.ends_s) <= NEAR_S and s.officer != shift.officer for s in begins[shift.post])
        and not (shift.off and state.handed_s.get(shift.post, -1) >= shift.ends_s - NEAR_S)
    ]
    manned = {shift.post for shift in shifts if shift.on and not shift.off}
    planned = {shift.post for shift in shifts if shift.starts_s <= second < shift.ends_s}
    state.uncovered_s = [state.left_s[post] for post in sorted(planned - manned) if post in state.left_s]
    times = [t for s in shifts if s.ends_s >= 0 for t in (s.starts_s, s.ends_s, s.ends_s + FORGET_S + 1)]
    state.until_s = min((t for t in times if t > second), default=NEVER_S)


def compute(state: State, sheet: Sheet) -> None:
    second = sheet.second
    if second >= state.until_s:
        _look(state, second)
    for feature, since in (
        ("facility.handover_overdue_s", state.changed_s),
        ("facility.post_uncovered_s", state.uncovered_s),
    ):
        sheet.set(feature, float(second - min(since, default=second)))


DOMAIN = Domain("handover", FEATURES, compute, State, {"DutyShift": _duty, "TerminalEvent": _terminal})
