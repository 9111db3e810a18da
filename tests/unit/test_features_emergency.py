"""Drills, evacuations, hazard checks."""

from __future__ import annotations

from math import isnan

from ingestion.contracts import EmergencyOrder, PersonContext
from tests.support.scene import in_order
from tests.support.wing import Told, event, look, wing


def order(at: float, action: str = "open", kind: str = "drill", name: str = "e-1", **more: object) -> EmergencyOrder:
    return event(EmergencyOrder, at, "command", order=name, kind=kind, action=action, **more)


TWO = [("d-1", "detainee", "active"), ("o-1", "officer", "active")]


def test_people_are_missing_from_the_planned_minutes_on_until_they_are_seen_at_the_muster() -> None:
    events = [order(5, minutes=0.5, expected=2), *look(0, 50), *look(50, 70, MUSTER=TWO)]
    told = Told(in_order(events), 70)
    assert [told("facility.evacuation_missing", at) for at in (35, 36, 49, 50)] == [0, 2, 2, 0]
    assert told.alerts("env-02") == [("raised", "", 36), ("cleared", "", 36)]


def test_a_corrected_order_counts_from_the_first_and_a_closed_one_is_over() -> None:
    events = [order(5, minutes=0.1, expected=5), order(30, minutes=0.1, expected=1), order(40, "close")]
    told = Told(in_order([*events, *look(0, 60)]), 60)
    assert [told("facility.evacuation_missing", at) for at in (29, 30, 40)] == [5, 1, 0]


def test_without_a_number_the_registered_detainees_are_expected() -> None:
    people = [event(PersonContext, 0, "register", subject=f"d-{n}") for n in range(3)]
    people.append(event(PersonContext, 0, "register", subject="o-1", role="officer"))
    told = Told([*people, *in_order([order(5, kind="evacuation", minutes=0), *look(0, 20)])], 20)
    assert told("facility.evacuation_missing", 10) == 3


def test_a_muster_that_nobody_can_see_is_not_complete_and_not_incomplete() -> None:
    frames = [f for f in look(0, 20) if f.device != "cam-MUSTER"]
    told = Told(in_order([order(5, minutes=0, expected=2), *frames]), 20, wing(blind=["MUSTER"]))
    assert told("facility.evacuation_missing", 4) == 0
    assert isnan(told("facility.evacuation_missing", 10))


def test_a_hazard_check_is_overdue_until_it_is_closed_or_cancelled() -> None:
    def check(at: float, action: str = "open", name: str = "h-1", **more: object) -> EmergencyOrder:
        return order(at, action, "hazard_check", name, **more)

    told = Told(
        [check(5, due_at=10), check(6, name="h-2", due_at=20), check(30, "close"), check(40, "cancel", "h-2")], 50
    )
    assert [told("facility.hazard_check_overdue_s", at) for at in (9, 25, 30, 40)] == [0, 15, 10, 0]
    assert told("facility.evacuation_missing", 45) == 0
