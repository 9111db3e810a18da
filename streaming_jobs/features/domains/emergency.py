"""Drills, evacuations and hazard checks: who is still missing at the muster, which check is overdue."""

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
        "facility.evacuation_missing",
        "persons",
        "People expected and not seen at the muster zones in an open drill or evacuation whose planned minutes are "
        "over; 0 before that and without one.",
        "people are missing, and a muster zone is unwatched or the plan has none",
    ),
    Feature("facility.hazard_check_overdue_s", "s", "Time since the oldest hazard check was due.", "never"),
)


class Order(msgspec.Struct):
    evacuation: bool
    opened_s: int
    over_s: int  # when everybody has to be there, or the check to be done
    expected: int | None


class State(msgspec.Struct):
    orders: dict[str, Order] = {}


def _order(state: State, world: World, second: int, event: Any) -> None:
    if event.action != "open":
        state.orders.pop(event.order, None)
        return
    before = state.orders.get(event.order)
    opened_s = second if before is None else before.opened_s  # a correction does not give more time
    evacuation = event.kind != "hazard_check"
    if evacuation:
        over_s = opened_s + round(60 * (event.minutes or 0.0))
    else:
        over_s = opened_s if event.due_at is None else event.due_at // 1000
    state.orders[event.order] = Order(evacuation, opened_s, over_s, event.expected)


def compute(state: State, sheet: Sheet) -> None:
    second = sheet.second
    late = [o for o in state.orders.values() if second > o.over_s]
    checks = [second - o.over_s for o in late if not o.evacuation]
    sheet.set("facility.hazard_check_overdue_s", float(max(checks, default=0)))
    open_ones = [o for o in late if o.evacuation]
    sheet.set("facility.evacuation_missing", _missing(open_ones, sheet) if open_ones else 0.0)


def _missing(late: list[Order], sheet: Sheet) -> float:
    world, muster = sheet.world, layout_of(sheet.world.plan).muster
    zone = world.entities["zone"]
    there = int((sheet.in_sight & muster[zone]).sum())
    registered = sum(person.role == "detainee" for person in world.persons.values())
    missing = max(registered if o.expected is None else o.expected for o in late) - there
    if missing > 0 and (not muster.any() or not sheet.watched[muster].all()):
        return float(np.nan)
    return float(max(missing, 0))


DOMAIN = Domain("emergency", FEATURES, compute, State, {"EmergencyOrder": _order})
