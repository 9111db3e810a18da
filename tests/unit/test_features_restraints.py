"""Restraints: worn longer than the order allows."""

from __future__ import annotations

from math import isnan
from typing import Any

from ingestion.contracts import RestraintOrder
from tests.support.cells import Watch, at, detainee
from tests.support.scene import FACILITY, person


def order(second: float, action: Any, ends: float | None = None, name: str = "r-1") -> RestraintOrder:
    return RestraintOrder(
        facility=FACILITY,
        event_time=at(second),
        device="register",
        order=name,
        subject="p-1",
        action=action,
        restraint="handcuffs",
        ends_at=None if ends is None else at(ends),
    )


def overdue(watch: Watch) -> float:
    return watch("subject.restraint_overdue_s", "p-1")


def test_nothing_is_overdue_until_the_end_and_then_every_second_counts_until_they_are_off() -> None:
    watch = Watch().see(0, [detainee("p-1"), order(0, "apply", ends=10)])
    assert overdue(watch.see(10)) == 0
    assert overdue(watch.see(13)) == 3
    assert overdue(watch.see(14, [order(14, "remove")])) == 0


def test_an_extension_or_correction_replaces_the_end() -> None:
    watch = Watch().see(0, [detainee("p-1"), order(0, "apply", ends=10)])
    assert overdue(watch.see(20, [order(20, "extend", ends=30)])) == 0
    assert overdue(watch.see(31)) == 1
    assert overdue(watch.see(32, [order(32, "extend", ends=25)])) == 7


def test_of_two_orders_the_longest_overdue_counts() -> None:
    watch = Watch().see(0, [detainee("p-1"), order(0, "apply", ends=10), order(0, "apply", ends=4, name="r-2")])
    assert overdue(watch.see(20)) == 16


def test_an_order_without_an_end_cannot_be_judged_unless_another_is_overdue() -> None:
    watch = Watch().see(0, [detainee("p-1"), order(0, "apply")])
    assert isnan(overdue(watch.see(20)))
    assert overdue(watch.see(21, [order(21, "apply", ends=20, name="r-2")])) == 1


def test_who_leaves_takes_the_orders_along() -> None:
    watch = Watch().see(0, [detainee("p-1"), order(0, "apply", ends=10)])
    watch.see(20, [person("p-1", at(20), present=False)])
    assert not watch.world.domains["restraints"].orders
