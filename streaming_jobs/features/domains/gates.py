"""Lines and doors: perimeter, interlocked gates, passages beside badges, restricted zones, people near the gate."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from scipy.spatial import cKDTree

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import ROLES, Bools, Floats, Plan, World

BADGE_S = 10  # passages and badges within this time belong together
LINE_S = 3  # a figure in a perimeter section for less is taken for a flaw of the picture
NEAR_M = 5.0  # m; who is farther from the gates is not near them for any rule

FEATURES = (
    Feature(
        "zone.perimeter_crossings",
        "count",
        "Crossings, climbs and cuts that the section's sensor reports in the second, and people other than officers "
        "who are seen in the section and were 3 s ago.",
        "the section's sensor is down and no working camera covers it",
    ),
    Feature(
        "zone.interlocked_doors_open",
        "doors",
        "The most doors open at the same time in an interlock of the gate.",
        "one of its doors is known to be down and fewer than two others are open",
    ),
    Feature(
        "zone.unbadged_passages",
        "persons",
        "People counted into the zone in the last 10 s beyond the badges shown for them.",
        "the zone's door counter is down",
    ),
    Feature(
        "zone.not_admitted", "persons", "People seen whose role the zone does not admit.", "no working camera covers it"
    ),
    Feature(
        "subject.gate_distance",
        "m",
        "Distance to the nearest gate or vehicle area; 0 inside, infinite beyond 5 m.",
        "not seen in this second",
    ),
    Feature(
        "subject.officer_distance",
        "m",
        "Distance of somebody near a gate or vehicle area to the nearest officer in sight; infinite without one.",
        "not seen in this second, or not within 5 m of a gate or vehicle area",
    ),
)


class Door(msgspec.Struct):
    open: bool = False
    shown: dict[str, int] = {}  # badge -> second it was shown and nobody passed with it yet


class Excess(msgspec.Struct):
    """People who passed without a badge of their own."""

    zone: str
    second: int
    persons: int


class State(msgspec.Struct):
    doors: dict[str, Door] = {}
    down: dict[str, str] = {}  # sensor or door controller that is down -> its zone, empty where it names none
    stepped: dict[str, int] = {}  # who is seen in a perimeter section -> since when, s
    crossed: dict[str, int] = {}  # section -> crossings reported in the current second
    excess: list[Excess] = []


def _perimeter(state: State, world: World, second: int, event: Any) -> None:
    if event.action in ("crossing", "climb", "cut"):
        state.crossed[event.zone] = state.crossed.get(event.zone, 0) + 1


def _access(state: State, world: World, second: int, event: Any) -> None:
    door = state.doors.setdefault(event.door, Door())
    if event.action in ("open", "forced"):
        door.open = True
    elif event.action == "close":
        door.open = False
    door.shown = {b: t for b, t in door.shown.items() if second - t <= BADGE_S and b != event.badge}
    if event.action == "open" and event.badge is not None:
        door.shown[event.badge] = second
    if event.action == "passage" and event.persons:
        # The badge of the passage admits one; so does each that was shown just before and not used yet.
        missing = event.persons - (event.badge is not None)
        used = list(door.shown)[:missing]
        for badge in used:
            del door.shown[badge]
        if missing > len(used):
            state.excess.append(Excess(event.zone, second, missing - len(used)))


def _device(state: State, world: World, second: int, event: Any) -> None:
    if event.kind != "sensor":
        return
    if event.state == "ok":
        state.down.pop(event.device, None)
    else:
        state.down[event.device] = event.zone or ""


def compute(state: State, sheet: Sheet) -> None:
    plan, entities = sheet.world.plan, sheet.world.entities
    role, zone = entities["role"], entities["zone"]
    blind = np.zeros(len(plan.zones), dtype=np.bool_)
    for name in state.down.values():
        blind[plan.zone_index.get(name, [])] = True

    line = plan.of_kind("perimeter")
    over = _count(sheet, _on_line(state, sheet, sheet.in_sight & line[zone] & (role != ROLES["officer"])))
    if state.crossed:
        over = over + np.where(line, sheet.by_zone(state.crossed, 0.0), 0.0)
        state.crossed = {}
    sheet.set("zone.perimeter_crossings", np.where(line & blind & ~sheet.watched & (over == 0), np.nan, over))

    sheet.set("zone.interlocked_doors_open", _interlocks(state, plan))

    state.excess = [e for e in state.excess if sheet.second - e.second < BADGE_S]
    persons = np.zeros(len(plan.zones))
    for excess in state.excess:
        persons[plan.zone_index.get(excess.zone, [])] += excess.persons
    sheet.set("zone.unbadged_passages", np.where(blind & (persons == 0), np.nan, persons))

    strangers = _count(sheet, sheet.in_sight & ~plan.admits[zone, role])
    sheet.set("zone.not_admitted", np.where(sheet.watched | plan.admits.all(axis=1), strangers, np.nan))

    gate, officer = _near_gates(sheet)
    sheet.set("subject.gate_distance", gate)
    sheet.set("subject.officer_distance", officer)


def _on_line(state: State, sheet: Sheet, there: Bools) -> Bools:
    """Of those in a perimeter section (E,), who were actually observed in it LINE_S apart."""
    keys, seen_s = sheet.world.entities.keys, sheet.world.entities["seen_s"]
    rows = np.flatnonzero(there)
    state.stepped = {keys[row]: state.stepped.get(keys[row], sheet.second) for row in rows}
    sure = np.zeros(len(there), dtype=np.bool_)
    for row in rows:
        sure[row] = seen_s[row] - state.stepped[keys[row]] >= LINE_S
    return sure


def _count(sheet: Sheet, chosen: Bools) -> Floats:
    """People (E,) by zone; mostly there are none."""
    return sheet.count_where(chosen) if chosen.any() else np.zeros(len(sheet.world.plan.zones))


def _interlocks(state: State, plan: Plan) -> Floats:
    most, unknown = np.zeros(len(plan.zones)), np.zeros(len(plan.zones), dtype=np.bool_)
    for interlock in plan.event.interlocks:
        zone = plan.zone_index.get(interlock.zone)
        if zone is not None:
            working = [name for name in interlock.doors if name not in state.down]
            most[zone] = max(most[zone], sum(name in state.doors and state.doors[name].open for name in working))
            unknown[zone] |= len(working) < len(interlock.doors)
    return np.where(unknown & (most < 2), np.nan, most)


def _near_gates(sheet: Sheet) -> tuple[Floats, Floats]:
    """Distance (m) of each subject to gates and vehicle areas, and of those within NEAR_M to officers, (S,) each."""
    plan, entities = sheet.world.plan, sheet.world.entities
    # Only who is seen in this very second: a figure of a moment must not fill a hold after it is gone.
    seen = sheet.subject_seen & (sheet.subject_column("seen_s") == sheet.second)
    gate, officer = np.where(seen, np.inf, np.nan), np.full(len(seen), np.nan)
    begin, end = plan.edges("gate", "vehicle_area")
    if not len(begin):
        return gate, officer
    x, y = sheet.subject_column("x", np.nan), sheet.subject_column("y", np.nan)
    (x0, y0), (x1, y1) = begin.min(axis=0) - NEAR_M, begin.max(axis=0) + NEAR_M
    near = np.flatnonzero(seen & (x > x0) & (x < x1) & (y > y0) & (y < y1))
    if not len(near):
        return gate, officer
    at = np.stack([x[near], y[near]], axis=1)
    inside = (plan.of_kind("gate") | plan.of_kind("vehicle_area"))[sheet.subject_column("zone")[near]]
    distance = np.where(inside, 0.0, _distance_to_edges(at, begin, end))
    close = distance < NEAR_M
    near, at = near[close], at[close]
    gate[near] = distance[close]
    officers = sheet.in_sight & (entities["role"] == ROLES["officer"])
    there = np.stack([entities["x"][officers], entities["y"][officers]], axis=1)
    officer[near] = cKDTree(there).query(at)[0] if len(there) else np.inf
    return gate, officer


def _distance_to_edges(at: Floats, begin: Floats, end: Floats) -> Floats:
    """Distance of points (P, 2) to the nearest of the edges from ``begin`` to ``end`` (N, 2), shape (P,)."""
    along = end - begin
    share = np.einsum("pnk,nk->pn", at[:, None, :] - begin, along) / np.einsum("nk,nk->n", along, along)
    apart = at[:, None, :] - (begin + np.clip(share, 0.0, 1.0)[..., None] * along)
    nearest: Floats = np.hypot(apart[..., 0], apart[..., 1]).min(axis=1)
    return nearest


DOMAIN = Domain(
    "gates",
    FEATURES,
    compute,
    State,
    {"PerimeterEvent": _perimeter, "AccessEvent": _access, "DeviceHealth": _device},
)
