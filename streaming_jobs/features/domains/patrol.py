"""Patrol rounds: which zones of the plan were visited in time, and for how long."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.layout import layout_of
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

BLIND_S = 60  # a zone unwatched for longer makes a round without check-in unobservable
EARLY_S = 300  # a check-in this long before the round still belongs to it
LATELY_S = 60  # what a stay or a round amounted to is shown for this long after its end
STAY_S = 900  # a departure that is not reported by then will not come
ROUND_S = 6 * 3600  # a check-in later than this belongs to the next round of the same name

FEATURES = (
    Feature(
        "zone.patrol_overdue_s",
        "s",
        "Time since the beginning of the last scheduled round in which the zone was not visited yet.",
        "no check-in, and the zone's cameras were blind in the round",
    ),
    Feature(
        "zone.patrol_dwell_s",
        "s",
        "Length of a patrol's stay that ended in the last minute, at the departure or at the officer's next arrival "
        "elsewhere; infinite if none ended.",
        "a stay whose end is not reported yet",
    ),
    Feature(
        "zone.patrol_round_share",
        "ratio",
        "Time of a round, from its first arrival to its last departure, as a share of its planned time, where the "
        "round's last visit was to this zone and ended in the last minute; else infinite.",
        "never; infinite where the plan has no time for the round",
    ),
)


class Stay(msgspec.Struct):
    officer: str
    round: str
    since_ms: int


class Run(msgspec.Struct):
    """A round on its way: first arrival (ms) and the zones left behind."""

    begun_ms: int
    done: list[str] = []


class State(msgspec.Struct):
    visit_s: dict[str, int] = {}  # zone -> last visit
    blind_s: dict[str, int] = {}  # zone -> last second it was unwatched
    stays: dict[str, Stay] = {}  # zone -> stay that has not ended
    dwell: dict[str, tuple[int, float]] = {}  # zone -> (second of its end, length in s) of a stay that ended lately
    runs: dict[str, Run] = {}  # round -> its run
    share: dict[str, tuple[int, float]] = {}  # zone -> (second, share of the planned time) of a round that ended lately


def _check_in(state: State, world: World, second: int, event: Any) -> None:
    at_ms = event.event_time
    if event.action == "leave":
        if event.zone in state.stays:
            _leave(state, world, event.zone, at_ms)
        return
    state.visit_s[event.zone] = second
    for zone in [z for z, stay in state.stays.items() if stay.officer == event.officer and z != event.zone]:
        _leave(state, world, zone, at_ms)
    # Somebody who checks in again while still there does not begin anew.
    state.stays.setdefault(event.zone, Stay(event.officer, event.round or "", at_ms))
    if event.round:
        run = state.runs.get(event.round)
        if run is None or at_ms - run.begun_ms > ROUND_S * 1000:
            state.runs[event.round] = Run(at_ms)


def _leave(state: State, world: World, zone: str, at_ms: int) -> None:
    stay = state.stays.pop(zone)
    state.dwell[zone] = (at_ms // 1000, (at_ms - stay.since_ms) / 1000.0)
    run, planned = state.runs.get(stay.round), layout_of(world.plan).rounds.get(stay.round)
    if run is None or planned is None:
        return
    zones, seconds = planned
    if zone not in run.done:
        run.done.append(zone)
    if zones <= set(run.done):
        del state.runs[stay.round]
        if seconds is not None:
            state.share[zone] = (at_ms // 1000, (at_ms - run.begun_ms) / 1000.0 / seconds)


def compute(state: State, sheet: Sheet) -> None:
    plan, second = sheet.world.plan, sheet.second
    for number in np.flatnonzero(sheet.blind_s > BLIND_S):
        state.blind_s[plan.zones[number]] = second
    starts = plan.round_starts(second)
    visits, blinded = sheet.by_zone(state.visit_s, -1), sheet.by_zone(state.blind_s, -1)
    # A round that began before the plan came into force cannot be judged.
    due = (starts >= sheet.world.since_s) & (visits < starts - EARLY_S)
    overdue = np.where(due, second - starts, 0.0)
    sheet.set("zone.patrol_overdue_s", np.where(due & (blinded >= starts), np.nan, overdue))

    for zone in [z for z, stay in state.stays.items() if second - stay.since_ms // 1000 > STAY_S]:
        del state.stays[zone]
    for ended in (state.dwell, state.share):
        for zone in [z for z, (at, _) in ended.items() if second - at > LATELY_S]:
            del ended[zone]
    dwell = {zone: length for zone, (_, length) in state.dwell.items()}
    sheet.set("zone.patrol_dwell_s", sheet.by_zone(dict.fromkeys(state.stays, np.nan) | dwell, np.inf))
    share = {zone: part for zone, (_, part) in state.share.items()}
    sheet.set("zone.patrol_round_share", sheet.by_zone(share, np.inf))


DOMAIN = Domain("patrol", FEATURES, compute, State, {"PatrolCheckIn": _check_in})
