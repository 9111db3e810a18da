"""What is recorded but not pushed: silences, maintenance windows, inhibition. Never critical, never about staff."""

from __future__ import annotations

from streaming_jobs.response.plan import Plan, fits, inside, minutes_left
from streaming_jobs.response.state import Case, State

LOOK_AGAIN_MS = 10_000  # an inhibited case is looked at as often, beside the moment its source ends


def held_back(plan: Plan, state: State, case: Case, at: int) -> tuple[str, int] | None:
    """Why a case is not pushed now, and when to look again (ms)."""
    first = case.shown
    if case.severity == "critical" or first.about_staff:
        return None
    for silence in state.silences.values():
        if (
            silence.begin <= at < silence.end
            and fits([*silence.rules], first.rule)
            and fits([*silence.facilities], first.facility)
            and fits([*silence.zones], first.zone)
        ):
            return f"silence {silence.id}", silence.end
    minute = plan.local_minute(at)
    for window in plan.maintenance:
        if (
            inside(window.window, minute)
            and fits(window.rules, first.rule)
            and fits(window.facilities, first.facility)
            and fits(window.zones, first.zone)
        ):
            return "maintenance", at - at % 60_000 + minutes_left(window.window, minute) * 60_000
    for rule in plan.inhibitions:
        if not fits(rule.target, first.rule) or rule.target_verdict not in ("*", first.verdict):
            continue
        for other in (state.cases[name] for name in state.sources):
            if (
                other.id != case.id
                and fits(rule.source, other.shown.rule)
                and other.first.verdict == "violation"
                and any(other.holds.values())
                and all(getattr(other.first, name) == getattr(first, name) for name in rule.equal)
            ):
                return f"inhibited by {other.first.rule}", at + LOOK_AGAIN_MS
    return None
