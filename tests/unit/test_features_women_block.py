"""Women's blocks: who of the staff is in them."""

from __future__ import annotations

from math import isnan

from ingestion.contracts import PersonContext
from tests.support.scene import in_order
from tests.support.wing import Told, event, look, wing


def staff(subject: str, sex: str) -> PersonContext:
    return event(PersonContext, 0, "register", subject=subject, role="officer", sex=sex)


STAFF = [staff("he", "male"), staff("she", "female")]
HE, SHE, SOMEBODY = (("he", "officer", "active"), ("she", "officer", "active"), ("x", "officer", "active"))


def test_a_man_in_the_women_s_corridor_is_seen_and_a_woman_anywhere_in_the_block_is_with_him() -> None:
    told = Told([*STAFF, *look(0, 5, C_W=[HE], W1=[SHE])], 5)
    assert told("zone.men_in_womens_block", 4, "C-W") == 1
    assert told("zone.men_in_womens_block", 4, "W1") == 0
    assert told("zone.female_staff_in_block", 4, "C-W") == 1
    alone = Told([*STAFF, *look(0, 5, C_W=[HE], C_A=[SHE])], 5)
    assert alone("zone.female_staff_in_block", 4, "C-W") == 0


def test_men_in_other_blocks_and_detainees_are_none_of_this() -> None:
    told = Told([*STAFF, *look(0, 5, C_A=[HE], W1=[("he", "detainee", "active")])], 5)
    assert told("zone.men_in_womens_block", 4, "C-A") == 0
    assert told("zone.men_in_womens_block", 4, "W1") == 0


def test_staff_of_unknown_sex_is_neither_a_man_nor_a_woman() -> None:
    told = Told([*STAFF, *look(0, 5, C_W=[SOMEBODY])], 5)
    assert isnan(told("zone.men_in_womens_block", 4, "C-W"))
    assert isnan(told("zone.female_staff_in_block", 4, "C-W"))
    both = Told([*STAFF, *look(0, 5, C_W=[HE, SOMEBODY])], 5)
    assert both("zone.men_in_womens_block", 4, "C-W") == 1
    assert isnan(both("zone.female_staff_in_block", 4, "C-W"))


def test_where_a_zone_of_the_block_is_unwatched_a_woman_may_be_in_it() -> None:
    frames = [f for f in look(0, 5, C_W=[HE]) if f.device != "cam-W1"]
    told = Told([*STAFF, *frames], 5, wing(blind=["W1"]))
    assert isnan(told("zone.female_staff_in_block", 4, "C-W"))
    assert isnan(told("zone.men_in_womens_block", 4, "W1"))


def test_a_man_alone_for_more_than_a_minute_is_reported_where_he_is() -> None:
    told = Told([*STAFF, *in_order([*look(0, 10, C_W=[HE, SHE]), *look(10, 90, C_W=[HE])])], 90)
    # She is in sight for two seconds more.
    assert told.alerts("stf-09") == [("raised", "C-W", 72)]
