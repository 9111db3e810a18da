"""Who must be kept apart: people under a non-association, women and men, minors and adults."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.register import SEXES
from streaming_jobs.features.sheet import Sheet, pair_key
from streaming_jobs.features.world import World

FEATURES = (
    Feature("pair.separated", "bool", "A non-association of the two is in force.", "never"),
    Feature(
        "pair.separation_m",
        "m",
        "Of two under a non-association: 0 in the same room; in or beside a corridor their distance; else infinite, as "
        "a wall is between them. Infinite beyond 3 m.",
        "no non-association, or it is not known in which zone one of them is",
    ),
    Feature(
        "zone.separations_broken",
        "count",
        "In a cell: how many of the two separations are not kept, women from men and minors from adults.",
        "no working camera covers the cell and the wristbands show no mixing, or the zone is no cell",
    ),
)


class Order(msgspec.Struct):
    """A non-association: key of the pair, and the second of its end."""

    pair: str
    ends_s: int | None = None


class State(msgspec.Struct):
    orders: dict[str, Order] = {}


def _order(state: State, world: World, second: int, event: Any) -> None:
    if event.action == "lift":
        state.orders.pop(event.order, None)
    else:
        ends = None if event.ends_at is None else event.ends_at // 1000
        state.orders[event.order] = Order(pair_key(event.subject, event.other), ends)


def _person(state: State, world: World, second: int, event: Any) -> None:
    if not event.present:  # who comes back comes with the orders in force
        gone = [name for name, order in state.orders.items() if event.subject in order.pair.split("|", 1)]
        for name in gone:
            del state.orders[name]


def pairs(state: State) -> list[str]:
    """Pairs under an order, so that they are looked at wherever they are."""
    return [order.pair for order in state.orders.values()]


def _contacts(state: State, sheet: Sheet) -> None:
    grid, plan = sheet.grids["pair"], sheet.world.plan
    sheet.set("pair.separated", 0.0)
    if not state.orders:
        return
    under, number = {order.pair for order in state.orders.values()}, sheet.subject_index
    separated, apart = sheet.get("pair.separated"), sheet.get("pair.separation_m")
    distance = sheet.get("pair.distance")
    for row in [n for n, key in enumerate(grid.keys) if key in under]:
        separated[row] = 1.0
        one, other = (
            sheet.subject_room[number[name]] if name in number else -1 for name in grid.keys[row].split("|", 1)
        )
        if one < 0 or other < 0:
            continue
        if one == other and not plan.is_corridor[one]:
            apart[row] = 0.0
        elif plan.is_corridor[one] or plan.is_corridor[other]:
            apart[row] = distance[row]
        else:
            apart[row] = np.inf


def _mixing(sheet: Sheet) -> None:
    plan, room, group = sheet.world.plan, sheet.subject_room, sheet.roll.group
    counted = (group >= 0) & (room >= 0)
    there = np.zeros((len(plan.zones), len(SEXES), 2), dtype=np.bool_)
    there.reshape(len(plan.zones), -1)[room[counted], group[counted]] = True
    sexes, ages = there.any(axis=2), there.any(axis=1)
    broken = (sexes[:, SEXES.index("female")] & sexes[:, SEXES.index("male")]).astype(np.float64) + ages.all(axis=1)
    known = plan.is_cell & (sheet.watched | (broken > 0))
    sheet.set("zone.separations_broken", np.where(known, broken, np.nan))


def compute(state: State, sheet: Sheet) -> None:
    over = [name for name, order in state.orders.items() if order.ends_s is not None and order.ends_s <= sheet.second]
    for name in over:
        del state.orders[name]
    _contacts(state, sheet)
    _mixing(sheet)


DOMAIN = Domain(
    "separation", FEATURES, compute, State, {"NonAssociation": _order, "PersonContext": _person}, pairs=pairs
)
