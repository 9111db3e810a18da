"""Capacity and head count of cells."""

from __future__ import annotations

from math import isnan

from tests.support.cells import Watch, at, cells, detainee, there
from tests.support.scene import band, person

TWO = [detainee("p-1"), detainee("p-2")]


def test_three_in_a_cell_for_two_are_one_too_many_wherever_in_the_cell_they_are() -> None:
    watch = Watch().see(0, there(0, ("a", "C1", 5), ("b", "C1/bed", 1), ("c", "C1/wc", 3)))
    assert watch("zone.over_capacity", "C1") == 1
    assert watch("zone.over_capacity", "C2") == -2
    assert isnan(watch("zone.over_capacity", "C1/wc"))
    assert isnan(watch("zone.over_capacity", "WAY"))


def test_without_a_capacity_in_the_plan_nobody_knows() -> None:
    assert isnan(Watch(cells(capacity=None)).see(0, there(0))("zone.over_capacity", "C1"))


def test_the_head_count_is_right_when_those_of_the_register_are_in() -> None:
    watch = Watch().see(0, [*TWO, *there(0, ("p-1", "C1", 5), ("p-2", "C1/bed", 1))])
    assert watch("zone.head_count_difference", "C1") == 0
    assert watch("zone.head_count_difference", "C2") == 0


def test_who_is_outside_the_cells_by_camera_or_wristband_is_not_expected_inside() -> None:
    watch = Watch().see(0, [*TWO, *there(0, ("p-1", "YARD", 45)), band("p-2", at(0), zone="VAULT")])
    assert watch("zone.head_count_difference", "C1") == 0


def test_who_is_in_another_cell_is_missing_in_the_own_and_too_many_there() -> None:
    watch = Watch().see(0, [*TWO, *there(0, ("p-1", "C1", 5), ("p-2", "C2", 15))])
    assert watch("zone.head_count_difference", "C1") == -1
    assert watch("zone.head_count_difference", "C2") == 1


def test_who_is_nowhere_is_missing_but_who_may_be_behind_a_dark_camera_is_unobservable() -> None:
    watch = Watch().see(0, [*TWO, *there(0, ("p-1", "C1", 5), ("p-2", "WAY", 25))])
    for second in range(1, 6):
        watch.see(second, there(second, ("p-1", "C1", 5)))
    assert watch("zone.head_count_difference", "C1") == -1
    watch = Watch().see(0, [*TWO, *there(0, ("p-1", "C1", 5), ("p-2", "WAY", 25))])
    for second in range(1, 6):
        watch.see(second, there(second, ("p-1", "C1", 5), dark=["cam-way"]))
    assert isnan(watch("zone.head_count_difference", "C1"))


def test_a_dark_cell_and_a_register_without_cells_are_unobservable() -> None:
    watch = Watch().see(0, TWO)
    for second in range(1, 6):
        watch.see(second, there(second, dark=["cam-C1"]))
    assert isnan(watch("zone.head_count_difference", "C1"))
    assert isnan(Watch().see(0, [detainee("p-1", cell=None), *there(0)])("zone.head_count_difference", "C1"))


def test_a_move_or_departure_in_the_register_changes_the_expectation() -> None:
    watch = Watch().see(0, [*TWO, *there(0, ("p-1", "C1", 5), ("p-2", "C2", 15))])
    watch.see(1, [detainee("p-2", "C2", 1), *there(1, ("p-1", "C1", 5), ("p-2", "C2", 15))])
    assert watch("zone.head_count_difference", "C2") == 0
    watch.see(2, [person("p-1", at(2), present=False), *there(2, ("p-2", "C2", 15))])
    for second in range(3, 8):
        watch.see(second, there(second, ("p-2", "C2", 15)))
    assert watch("zone.head_count_difference", "C1") == 0
