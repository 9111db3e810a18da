"""Posts: who is rostered, and who does not move."""

from __future__ import annotations

from math import isnan

from ingestion.contracts import DeviceHealth, DutyShift, Event
from tests.support.scene import in_order
from tests.support.wing import Told, event, look


def shift(at: float, action: str = "plan", **more: object) -> DutyShift:
    fields = {"shift": "s-1", "post": "block-a", "officer": "o-1", "zone": "P-A", **more}
    return event(DutyShift, at, "roster", action=action, **fields)


def test_an_officer_is_rostered_from_the_planned_start_to_the_planned_end() -> None:
    told = Told([shift(1, starts_at=10, ends_at=20)], 40)
    assert [told("zone.rostered", at, "P-A") for at in (9, 10, 19, 20)] == [0, 1, 1, 0]
    assert told("zone.rostered", 10, "CTL") == 0


def test_a_later_plan_of_the_same_shift_corrects_it_and_a_cancelled_one_is_gone() -> None:
    told = Told([shift(1, starts_at=10, ends_at=20), shift(15, starts_at=10, ends_at=30), shift(25, "cancel")], 40)
    assert [told("zone.rostered", at, "P-A") for at in (19, 24, 25)] == [1, 1, 0]


def test_a_shift_that_is_planned_after_it_began_counts_from_then_on() -> None:
    told = Told([shift(15, starts_at=10, ends_at=30)], 40)
    assert [told("zone.rostered", at, "P-A") for at in (14, 15)] == [0, 1]


def test_only_a_control_room_is_a_control_room() -> None:
    told = Told([], 5)
    assert (told("zone.control_room", 1, "CTL"), told("zone.control_room", 1, "P-A")) == (1, 0)


def test_an_officer_at_a_post_is_still_since_the_last_movement() -> None:
    still, moves = {"P_A": [("o-1", "officer", "inactive")]}, {"P_A": [("o-1", "officer", "active")]}
    told = Told([*look(0, 30, **still), *look(30, 31, **moves), *look(31, 50, **still)], 50)
    assert [told("subject.post_still_s", at, "o-1") for at in (0, 29, 30, 49)] == [0, 29, 0, 19]


def test_a_detainee_and_an_officer_elsewhere_are_not_watched_for_sleep() -> None:
    still = {"P_A": [("d-1", "detainee", "inactive")], "C_A": [("o-2", "officer", "inactive")]}
    told = Told(look(0, 30, **still), 30)
    assert told("subject.post_still_s", 29, "d-1") == 0
    assert told("subject.post_still_s", 29, "o-2") == 0


def test_an_officer_who_left_the_post_begins_anew() -> None:
    here, away = {"P_A": [("o-1", "officer", "inactive")]}, {"C_A": [("o-1", "officer", "walking")]}
    told = Told(in_order([*look(0, 20, **here), *look(20, 25, **away), *look(25, 40, **here)]), 40)
    assert told("subject.post_still_s", 22, "o-1") == 0
    assert told("subject.post_still_s", 39, "o-1") == 14


def test_a_dark_camera_and_a_movement_that_nobody_knows_are_not_sleep() -> None:
    events: list[Event] = [*look(0, 20, P_A=[("o-1", "officer", "inactive")])]
    events.append(event(DeviceHealth, 19.5, "cam-P-A", kind="camera", state="dark"))
    told = Told(in_order([*events, *look(20, 40, P_A=[])]), 40)
    assert isnan(told("subject.post_still_s", 35, "o-1"))
    blurred = Told(look(0, 70, P_A=[("o-1", "officer", "unknown")]), 70)
    assert isnan(blurred("subject.post_still_s", 65, "o-1"))


def test_an_empty_control_room_and_an_empty_rostered_post_raise_each_its_own_rule() -> None:
    told = Told(in_order([shift(1, starts_at=0, ends_at=600), *look(0, 200)]), 200)
    assert told.alerts("stf-03") == [("raised", "CTL", 60)]
    assert told.alerts("stf-04") == [("raised", "P-A", 181)]
