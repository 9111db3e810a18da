"""Patrol rounds: which zones of the plan were visited in time."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

BLIND_S = 60  # a zone unwatched for longer makes a round without check-in unobservable
EARLY_S = 300  # a check-in this long before the round still belongs to it

FEATURES = (
    Feature(
        "zone.patrol_overdue_s",
        "s",
        "Time since the beginning of the last scheduled round in which the zone was not visited yet.",
        "no check-in, and the zone's cameras were blind in the round",
    ),
)


class State(msgspec.Struct):
    visit_s: dict[str, int] = {}  # zone -> last visit
    blind_s: dict[str, int] = {}  # zone -> last second it was unwatched


def _check_in(state: State, world: World, second: int, event: Any) -> None:
    state.visit_s[event.zone] = second


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


DOMAIN = Domain("patrol", FEATURES, compute, State, {"PatrolCheckIn": _check_in})
