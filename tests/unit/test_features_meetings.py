"""Visits: when a lawyer waits, what is overheard, who may not touch, how long it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ingestion.contracts import Event
from streaming_jobs.features.sheet import pair_key
from tests.support.rooms import S, inside, plan, play, visit
from tests.support.scene import T0, end, fold_all, frame, in_order, person, received, seen

FAMILY: dict[str, Any] = {"kind": "family", "no_contact": True}


def test_a_meeting_is_open_from_its_opening_to_its_end_and_only_lawyers_meetings_are_lawyers_meetings() -> None:
    value = play([visit(5, "book"), visit(10, "open"), visit(50, "close")], 9, 10, 50)
    assert value("zone.visit_open", "MEET") == [0, 1, 0]
    assert value("zone.lawyer_meeting", "MEET") == [0, 1, 0]
    assert play([visit(10, "open", kind="family")], 10)("zone.lawyer_meeting", "MEET") == [0]


def test_an_officer_in_the_room_or_the_audio_overhears_a_lawyer() -> None:
    events = [
        visit(10, "open"),
        inside("MEET", 10, ("d", "detainee"), ("l", "lawyer")),
        inside("MEET", 12, ("d", "detainee"), ("l", "lawyer"), ("o", "officer")),
        inside("MEET", 20, ("d", "detainee"), ("l", "lawyer")),
        visit(30, "audio_on"),
        visit(31, "audio_off"),
        inside("MEET", 31),
    ]
    value = play(events, 10, 12, 20, 30, 31)
    assert value("zone.meeting_overheard", "MEET") == [0, 1, 0, 1, 0]


def test_without_a_picture_nobody_can_tell_unless_the_audio_is_on() -> None:
    value = play([visit(10, "open"), visit(30, "audio_on")], 20, 30)("zone.meeting_overheard", "MEET")
    assert value == [pytest.approx(np.nan, nan_ok=True), 1]


def test_the_overrun_counts_from_the_booked_end_and_follows_a_corrected_booking() -> None:
    events = [
        visit(1, "book", starts_at=10, ends_at=100, **FAMILY),
        visit(10, "open", **FAMILY),
        visit(150, "book", starts_at=10, ends_at=200, **FAMILY),
    ]
    assert play(events, 100, 149, 150, 230)("zone.visit_overrun_s", "MEET") == [0, 49, 0, 30]
    endless = play([visit(10, "open", **FAMILY)], 20)("zone.visit_overrun_s", "MEET")
    assert np.isnan(endless[0])


def test_a_lawyer_waits_from_the_request_until_the_meeting_is_opened_booked_or_not() -> None:
    events: Sequence[Event] = [
        person("d"),
        visit(10, "request", zone=None),
        visit(100, "book", starts_at=900, ends_at=1800),
        visit(1000, "open"),
        visit(1500, "close"),
        visit(1501, "audio_off"),
    ]
    assert play(events, 9, 60, 999, 1000, 2000)("subject.lawyer_waiting_s", "d") == [0, 50, 989, 0, 0]


@pytest.mark.parametrize("first", ["request", "book"])
def test_a_wait_that_counts_from_later_does_so_whichever_of_one_moments_events_is_read_first(first: str) -> None:
    asked, booked = visit(10, "request", zone=None, starts_at=500), visit(10, "book", starts_at=900, ends_at=1800)
    two = [asked, booked] if first == "request" else [booked, asked]
    found = play([person("d"), *two, visit(600, "request", zone=None)], 400, 560, 700)
    assert found("subject.lawyer_waiting_s", "d") == [0, 60, 200], "and a request anew does not begin it again"


@pytest.mark.parametrize("action", ["cancel", "no_show"])
def test_nobody_waits_for_a_lawyer_who_cancelled_or_did_not_come_nor_for_a_family(action: str) -> None:
    events = [person("d"), visit(10, "request"), visit(60, action)]
    assert play(events, 59, 60)("subject.lawyer_waiting_s", "d") == [49, 0]
    assert play([person("d"), visit(10, "request", **FAMILY)], 60)("subject.lawyer_waiting_s", "d") == [0]


def test_the_request_of_a_person_who_left_is_dropped_and_one_noted_for_another_is_moved() -> None:
    events = [person("d"), person("e"), visit(10, "request"), visit(20, "book", subject="e")]
    value = play(events, 15, 30)
    assert value("subject.lawyer_waiting_s", "d") == [5, 0]
    assert value("subject.lawyer_waiting_s", "e") == [0, 20]
    left = [person("d"), visit(10, "request"), person("d", at=T0 + 20 * S, present=False), person("d", at=T0 + 30 * S)]
    assert play(left, 40)("subject.lawyer_waiting_s", "d") == [0]


def test_a_request_that_the_desk_found_no_place_for_is_known_until_it_has_one_or_is_off() -> None:
    events = [person("d"), visit(10, "request", zone=None), visit(10, "escalate", zone=None), visit(60, "book")]
    assert play(events, 9, 10, 59, 60)("subject.visit_unplaced", "d") == [0, 1, 1, 0]
    consul: dict[str, Any] = {"kind": "consular", "zone": None}
    off = [person("d"), visit(10, "request", **consul), visit(10, "escalate", **consul), visit(60, "cancel", **consul)]
    assert play(off, 59, 60)("subject.visit_unplaced", "d") == [1, 0]
    left = [person("d"), visit(10, "escalate"), person("d", at=T0 + 20 * S, present=False), person("d", at=T0 + 30 * S)]
    assert play(left, 15, 40)("subject.visit_unplaced", "d") == [1, 0]


def test_the_alert_of_a_request_without_a_place_is_there_at_once_and_clears_with_the_booking() -> None:
    asked = [visit(10, "request", zone=None), visit(10, "escalate", zone=None), visit(20, "book")]
    look = [frame(T0 + s * S, camera="cam-IR") for s in range(1, 30)]
    out = fold_all(received([plan(), person("d"), *in_order([*asked, *look]), end(T0 + 40 * S)]))
    found = [(a["step"], a["subjects"], a["onset"]) for a in out.alert if a["rule"] == "int-10b"]
    assert found == [("raised", ["d"], T0 + 10 * S), ("cleared", ["d"], T0 + 10 * S)]


@pytest.mark.slow
def test_a_request_is_late_after_48_hours_and_a_silence_does_not_hide_it() -> None:
    hours = 3600 * S
    events: Sequence[Event] = [plan(), person("d"), visit(0, "request"), frame(T0 + 49 * hours, camera="cam-IR")]
    out = fold_all(received([*events, end(T0 + 49 * hours + 5 * S)], at=T0 + 50 * hours))
    assert [(a["rule"], a["subjects"]) for a in out.alert if a["rule"] == "int-10"] == [("int-10", ["d"])]


@pytest.mark.parametrize(
    ("roles", "no_contact", "expected"),
    [
        (("detainee", "visitor"), True, 1),
        (("detainee", "visitor"), False, 0),
        (("detainee", "officer"), True, 0),
        (("visitor", "visitor"), True, 0),
        (("detainee", "unknown"), True, np.nan),
    ],
)
def test_detainee_and_visitor_may_not_touch_in_a_visit_without_contact(
    roles: tuple[str, str], no_contact: bool, expected: float
) -> None:
    two = inside("MEET", 20, ("a", roles[0]), ("b", roles[1]))
    events = [visit(10, "open", kind="family", no_contact=no_contact), two]
    found = play(events, 20)("pair.no_contact_visit", pair_key("a", "b"))
    assert found == pytest.approx([expected], nan_ok=True)


def test_a_hand_held_in_a_visit_without_contact_is_found_and_one_in_the_hall_is_not() -> None:
    def close(zone: str, x: float) -> list[Event]:
        people = [
            seen("1", x, 5, zone, subject="a", role="detainee"),
            seen("2", x + 0.4, 5, zone, subject="b", role="visitor"),
        ]
        return [frame(T0 + s * S, *people, camera=f"cam-{zone}") for s in range(20, 30)]

    opened = visit(10, "open", **FAMILY)
    for zone, x, expected in (("MEET", 25.0, {"int-11"}), ("IR", 5.0, set())):
        out = fold_all(received([plan(), *in_order([opened, *close(zone, x)]), end(T0 + 40 * S)]), cuts=(5, 9))
        assert {a["rule"] for a in out.alert if a["rule"] == "int-11"} == expected
