"""Entries to cells: when the door was last open."""

from __future__ import annotations

from math import inf, isnan

from ingestion.contracts import AccessEvent
from tests.support.scene import in_order
from tests.support.wing import Told, event, look


def door(at: float, action: str, zone: str = "A1", name: str = "door-A1") -> AccessEvent:
    return event(AccessEvent, at, name, door=name, zone=zone, action=action)


def test_a_door_is_open_until_it_is_closed_and_was_open_since_then() -> None:
    told = Told([door(10, "open"), door(20, "close")], 40)
    assert isnan(told("zone.cell_door_open_ago_s", 9, "A1"))
    assert [told("zone.cell_door_open_ago_s", at, "A1") for at in (10, 15, 20, 30)] == [0, 0, 0, 10]


def test_a_cell_with_two_doors_is_open_while_one_is() -> None:
    told = Told([door(10, "open"), door(11, "open", name="door-2"), door(12, "close", name="door-2")], 40)
    assert told("zone.cell_door_open_ago_s", 30, "A1") == 0


def test_a_refused_badge_opens_nothing_and_other_rooms_have_no_cell_door() -> None:
    told = Told([door(10, "refused"), door(10, "open", "C-A", "door-C-A")], 20)
    assert told("zone.cell_door_open_ago_s", 15, "A1") == inf
    assert told("zone.cell_door_open_ago_s", 15, "C-A") == inf


def test_an_officer_alone_among_detainees_behind_an_opened_door_is_reported() -> None:
    people = [("d-1", "detainee", "active"), ("o-1", "officer", "active")]
    told = Told(in_order([door(4, "open"), door(7, "close"), *look(0, 5), *look(5, 30, A1=people)]), 30)
    assert told.alerts("stf-06") == [("raised", "A1", 15)]
