"""Escorts: detainees on the move, and officers with them."""

from __future__ import annotations

from math import inf, isnan

from tests.support.scene import in_order
from tests.support.wing import Told, look, wing

WALKS, STANDS, OFFICER = ("d-1", "detainee", "walking"), ("d-2", "detainee", "inactive"), ("o-1", "officer", "walking")


def test_all_detainees_of_a_group_are_on_the_way_while_one_of_them_moves() -> None:
    told = Told(look(0, 10, C_A=[WALKS, STANDS, OFFICER]), 10)
    assert told("zone.detainees_on_the_way", 5, "C-A") == 2
    assert told("zone.detainees_per_officer", 5, "C-A") == 2


def test_a_short_stop_is_part_of_the_way_and_a_long_one_is_not() -> None:
    stops = ("d-1", "detainee", "inactive")
    told = Told(in_order([*look(0, 10, YARD=[WALKS]), *look(10, 30, YARD=[stops])]), 30)
    assert told("zone.detainees_on_the_way", 12, "YARD") == 1
    assert told("zone.detainees_on_the_way", 20, "YARD") == 0


def test_without_an_officer_there_is_no_ratio_and_without_detainees_nothing_to_escort() -> None:
    told = Told(look(0, 10, C_A=[WALKS], YARD=[OFFICER]), 10)
    assert told("zone.detainees_per_officer", 5, "C-A") == inf
    assert told("zone.detainees_per_officer", 5, "YARD") == 0


def test_who_walks_about_in_a_cell_is_not_on_the_way() -> None:
    told = Told(look(0, 10, A1=[WALKS]), 10)
    assert told("zone.detainees_on_the_way", 5, "A1") == 0


def test_an_unwatched_corridor_is_not_an_empty_one() -> None:
    frames = [f for f in look(0, 10) if f.device != "cam-C-A"]
    told = Told(frames, 10, wing(blind=["C-A"]))
    assert isnan(told("zone.detainees_on_the_way", 5, "C-A"))
    assert isnan(told("zone.detainees_per_officer", 5, "C-A"))


def test_a_detainee_who_walks_alone_is_reported_after_fifteen_seconds() -> None:
    told = Told(look(0, 30, YARD=[WALKS]), 30)
    assert told.alerts("stf-10") == [("raised", "YARD", 16)]
