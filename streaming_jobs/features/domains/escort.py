"""Escorts: detainees on the move through corridors, gates and the yard, and the officers with them."""

from __future__ import annotations

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.layout import layout_of
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import ROLES

MOVING = 0.3  # m/s
PAUSE_S = 5  # a group that stands for no longer than this is still on its way

FEATURES = (
    Feature(
        "zone.detainees_on_the_way",
        "persons",
        "Detainees in a corridor, gate, vehicle area or yard while at least one of them moves; 0 in other zones.",
        "no working camera covers it",
    ),
    Feature(
        "zone.detainees_per_officer",
        "persons",
        "Detainees for each officer in the zone; infinite without an officer, 0 without detainees.",
        "no working camera covers it",
    ),
)


class State(msgspec.Struct):
    moved_s: dict[str, int] = {}  # zone -> last second in which a detainee moved there


def compute(state: State, sheet: Sheet) -> None:
    plan, entities, second = sheet.world.plan, sheet.world.entities, sheet.second
    transit = layout_of(plan).transit
    zone = entities["zone"]
    moving = (entities["role"] == ROLES["detainee"]) & (entities["seen_s"] == second) & (entities["speed"] > MOVING)
    for number in np.unique(zone[moving & (zone >= 0) & transit[zone]]):
        state.moved_s[plan.zones[number]] = second
    for name in [n for n, at in state.moved_s.items() if second - at > PAUSE_S]:
        del state.moved_s[name]
    detainees, officers = sheet.count("detainee"), sheet.count("officer")
    on_the_way = np.where(sheet.by_zone(dict.fromkeys(state.moved_s, 1.0), 0.0) > 0, detainees, 0.0)
    sheet.set("zone.detainees_on_the_way", np.where(sheet.watched | ~transit, on_the_way, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(detainees == 0, 0.0, detainees / officers)
    sheet.set("zone.detainees_per_officer", np.where(sheet.watched, each, np.nan))


DOMAIN = Domain("escort", FEATURES, compute, State)
