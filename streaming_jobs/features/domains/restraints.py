"""Restraint orders: worn longer than allowed."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

FEATURES = (
    Feature(
        "subject.restraint_overdue_s",
        "s",
        "Time since the end of a restraint order whose restraint is still on, the longest of several; else 0.",
        "an order of the person does not say until when it is allowed, and none is overdue",
    ),
)


class Order(msgspec.Struct):
    """A restraint that is on, and the second until which it is allowed."""

    subject: str
    ends_s: int | None = None


class State(msgspec.Struct):
    orders: dict[str, Order] = {}


def _order(state: State, world: World, second: int, event: Any) -> None:
    if event.action == "remove":
        state.orders.pop(event.order, None)
    else:
        state.orders[event.order] = Order(event.subject, None if event.ends_at is None else event.ends_at // 1000)


def _person(state: State, world: World, second: int, event: Any) -> None:
    if not event.present:
        state.orders = {name: order for name, order in state.orders.items() if order.subject != event.subject}


def compute(state: State, sheet: Sheet) -> None:
    overdue = {order.subject: np.nan for order in state.orders.values() if order.ends_s is None}
    for order in state.orders.values():
        if order.ends_s is not None and order.ends_s < sheet.second:
            overdue[order.subject] = np.fmax(overdue.get(order.subject, 0.0), sheet.second - order.ends_s)
    sheet.set("subject.restraint_overdue_s", sheet.by_subject(overdue, 0.0))


DOMAIN = Domain("restraints", FEATURES, compute, State, {"RestraintOrder": _order, "PersonContext": _person})
