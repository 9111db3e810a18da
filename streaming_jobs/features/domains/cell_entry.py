"""Entries to rooms: when a door was last open."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.layout import layout_of
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

FEATURES = (
    Feature(
        "zone.cell_door_open_ago_s",
        "s",
        "Time since a door of the cell was last open, 0 while it is; infinite where it was not open since the start, "
        "and in other zones.",
        "no door of the cell ever reported",
    ),
)


class State(msgspec.Struct):
    open: dict[str, list[str]] = {}  # zone -> its doors that are open
    open_s: dict[str, int] = {}  # zone -> last second with an open door, -1 where none was open yet


def _access(state: State, world: World, second: int, event: Any) -> None:
    number = world.plan.zone_index.get(event.zone)
    if number is None or world.plan.kind[number] != "cell":
        return
    doors = state.open.setdefault(event.zone, [])
    state.open_s.setdefault(event.zone, -1)
    if event.action in ("open", "forced") and event.door not in doors:
        doors.append(event.door)
    if event.action == "close" and event.door in doors:
        doors.remove(event.door)
    if event.action != "refused":
        state.open_s[event.zone] = second
    if not doors:
        del state.open[event.zone]


def compute(state: State, sheet: Sheet) -> None:
    for zone in state.open:
        state.open_s[zone] = sheet.second
    last = sheet.by_zone(state.open_s, np.nan)
    shut = ~layout_of(sheet.world.plan).cell | (last < 0)
    sheet.set("zone.cell_door_open_ago_s", np.where(shut, np.inf, sheet.second - last))


DOMAIN = Domain("cell_entry", FEATURES, compute, State, {"AccessEvent": _access})
