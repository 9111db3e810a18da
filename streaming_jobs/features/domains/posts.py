"""Posts: who is rostered there, and whether the officer at it moves."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.layout import layout_of
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import MOTIONS, ROLES, World

NEVER_S = 2**62
KNOWN_S = 60  # an officer whose movement is unknown for longer is not called still

FEATURES = (
    Feature("zone.control_room", "bool", "The zone is a control room.", "never"),
    Feature(
        "zone.rostered", "persons", "Officers whose planned shift at a post in the zone covers this second.", "never"
    ),
    Feature(
        "subject.post_still_s",
        "s",
        "Time for which an officer at a post or in a control room has not moved; 0 for everybody else.",
        "the officer's movement is unknown, or the post's cameras are blind",
    ),
)


class Shift(msgspec.Struct):
    zone: str
    starts_s: int
    ends_s: int


class Still(msgspec.Struct):
    """An officer at a post: last second with a movement, and with a known state of movement."""

    moved_s: int
    known_s: int


class State(msgspec.Struct):
    shifts: dict[str, Shift] = {}
    rostered: dict[str, float] = {}  # zone -> officers
    until_s: int = 0  # the roster says so until here, or until a duty event
    still: dict[str, Still] = {}


def _duty(state: State, world: World, second: int, event: Any) -> None:
    state.until_s = 0
    if event.action == "cancel":
        state.shifts.pop(event.shift, None)
    elif event.action == "plan" and event.starts_at is not None and event.ends_at is not None:
        # A later plan of the same shift corrects it.
        zone = event.zone if event.zone is not None else event.post
        state.shifts[event.shift] = Shift(zone, event.starts_at // 1000, event.ends_at // 1000)


def compute(state: State, sheet: Sheet) -> None:
    second, layout = sheet.second, layout_of(sheet.world.plan)
    sheet.set("zone.control_room", layout.control_room)
    if second >= state.until_s:
        _read_roster(state, second)
    sheet.set("zone.rostered", sheet.by_zone(state.rostered, 0.0))
    sheet.set("subject.post_still_s", sheet.by_subject(_still(state, sheet, layout.manned), 0.0))


def _read_roster(state: State, second: int) -> None:
    state.shifts = {name: shift for name, shift in state.shifts.items() if shift.ends_s > second}
    state.rostered = {}
    for shift in state.shifts.values():
        if shift.starts_s <= second:
            state.rostered[shift.zone] = state.rostered.get(shift.zone, 0.0) + 1
    changes = [t for shift in state.shifts.values() for t in (shift.starts_s, shift.ends_s) if t > second]
    state.until_s = min(changes, default=NEVER_S)


def _still(state: State, sheet: Sheet, manned: Any) -> dict[str, float]:
    """Seconds by pseudonym, for the officers at posts."""
    entities, seen, second = sheet.world.entities, sheet.seen, sheet.second
    at_post = (entities["role"] == ROLES["officer"]) & (entities["zone"] >= 0) & manned[entities["zone"]]
    moved = set(seen.row[(seen.motion != MOTIONS["inactive"]) & (seen.motion != MOTIONS["unknown"])].tolist())
    known = set(seen.row[seen.motion != MOTIONS["unknown"]].tolist())
    found: dict[str, float] = {}
    here: dict[str, Still] = {}
    for row in np.flatnonzero(at_post):
        key = entities.keys[row]
        if not sheet.in_sight[row]:
            if not sheet.watched[entities["zone"][row]]:
                found[key] = np.nan
            continue
        mine = here[key] = state.still.get(key) or Still(second, second)
        if row in known:
            mine.known_s = second
        if row in moved:
            mine.moved_s = second
        found[key] = np.nan if second - mine.known_s > KNOWN_S else float(second - mine.moved_s)
    # Who left the post, or could not be seen for a while, begins anew.
    state.still = here
    return found


DOMAIN = Domain("posts", FEATURES, compute, State, {"DutyShift": _duty})
