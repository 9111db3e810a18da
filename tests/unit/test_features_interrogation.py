"""Interrogation rooms: what counts as booked, as a rest, as recorded, and who belongs to a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ingestion.contracts import Event
from tests.support.rooms import S, health, inside, plan, play, session
from tests.support.scene import T0, end, fold_all, in_order, person, received

BOOKED: dict[str, Any] = {"subject": "d", "officers": ["o-1", "o-2"], "starts_at": 1000, "ends_at": 4600}
TEAM = (("d", "detainee"), ("o-1", "officer"), ("o-2", "officer"))
PEOPLE = [person("d"), *(person(o, role="officer", sex="male") for o in ("o-1", "o-2", "o-3"))]


def rules(events: Sequence[Event], until: int) -> set[tuple[str, str]]:
    return {
        (a["rule"], a["verdict"]) for a in fold_all(received([plan(), *in_order(events), end(T0 + until * S)])).alert
    }


def test_a_booking_covers_the_room_from_five_minutes_before_its_start_to_its_end() -> None:
    value = play([session(1, "book", **BOOKED)], 699, 700, 4600, 4601)
    assert value("zone.booking_in_force", "IR") == [0, 1, 1, 0]
    assert value("zone.booking_in_force", "MEET") == [0, 0, 0, 0]


def test_after_a_session_was_closed_people_have_two_minutes_to_leave() -> None:
    events = [session(1, "book", **BOOKED), session(1000, "open"), session(2000, "close")]
    assert play(events, 2000, 2120, 2121)("zone.booking_in_force", "IR") == [1, 1, 0]


def test_a_session_that_goes_on_past_its_booked_end_is_still_booked_and_one_opened_on_the_spot_is_not() -> None:
    booked = [session(1, "book", **BOOKED), session(1000, "open")]
    assert play(booked, 5000)("zone.booking_in_force", "IR") == [1]
    on_the_spot = play([session(1000, "open")], 1000)
    assert on_the_spot("zone.booking_in_force", "IR") == [0]
    assert on_the_spot("zone.session_open", "IR") == [1]


def test_a_booking_that_comes_late_or_is_corrected_or_cancelled_counts_from_then_on() -> None:
    late = [session(1000, "open"), session(1100, "book", **BOOKED)]
    assert play(late, 1099, 1100)("zone.booking_in_force", "IR") == [0, 1]
    moved = [session(1, "book", **BOOKED), session(800, "book", **{**BOOKED, "starts_at": 3000})]
    assert play(moved, 799, 800, 2700)("zone.booking_in_force", "IR") == [1, 0, 1]
    cancelled = [session(1, "book", **BOOKED), session(800, "cancel")]
    assert play(cancelled, 799, 800)("zone.booking_in_force", "IR") == [1, 0]


def test_an_opening_says_nothing_against_what_was_booked() -> None:
    events = [
        session(1, "book", approved_at_night=True, companion="female_staff", **BOOKED),
        session(1000, "open"),
        session(1200, "book", **BOOKED),  # the correction takes approval and companion back
    ]
    value = play(events, 1000, 1200)
    assert value("zone.night_approved", "IR") == [1, 0]
    assert value("zone.companion_required", "IR") == [1, 0]


def test_questioning_goes_on_over_a_short_pause_and_over_a_new_session_of_the_same_person() -> None:
    events = [
        session(0, "open", subject="d"),
        session(600, "rest"),
        session(900, "resume"),
        session(1000, "close"),
        session(1300, "open", name="s-2", subject="d"),
        session(1400, "rest", name="s-2"),
        session(2000, "resume", name="s-2"),
    ]
    value = play(events, 599, 700, 900, 1300, 1399, 2000, 2010)
    assert value("zone.session_running_s", "IR") == [599, 0, 900, 1300, 1399, 0, 10]
    assert value("zone.session_open", "IR") == [1, 0, 1, 1, 1, 1, 1]
    # The summons goes on over rests of any length, and over a session that follows at once.
    assert value("zone.session_whole_s", "IR") == [599, 0, 900, 1300, 1399, 2000, 2010]


def test_a_summons_ends_with_its_session_where_a_rest_follows() -> None:
    events = [
        session(0, "open", subject="d"),
        session(1000, "close"),
        session(1600, "open", name="s-2", subject="d"),
    ]
    assert play(events, 900, 1650)("zone.session_whole_s", "IR") == [900, 50]


def test_another_person_begins_anew_and_a_corrected_name_does_not() -> None:
    events = [
        session(0, "open", subject="d"),
        session(100, "book", subject="e", starts_at=0),
        session(200, "close"),
        session(210, "open", name="s-2", subject="f"),
    ]
    assert play(events, 99, 150, 220)("zone.session_running_s", "IR") == [99, 150, 10]


def test_the_recording_gap_is_that_of_recorder_or_camera_within_the_open_session() -> None:
    watched = [inside("IR", s) for s in (*range(100, 160), *range(190, 200))]
    events = [
        session(50, "recorder_down"),
        session(100, "open"),
        session(120, "recorder_up"),
        health(121, "rec", "recorder", "ok", "IR"),
        health(130, "rec", "recorder", "down", "IR"),
        health(140, "rec", "recorder", "ok", "IR"),
        *watched,
    ]
    value = play(events, 90, 100, 115, 125, 135, 145, 189, 190)
    assert value("zone.recording_gap_s", "IR") == [0, 0, 15, 0, 5, 0, 30, 0]


def test_the_gap_is_unknown_where_no_recorder_ever_said_how_it_is_unless_the_camera_is_down() -> None:
    events = [session(100, "open"), *(inside("IR", s) for s in range(95, 120))]
    assert play(events, 110, 130)("zone.recording_gap_s", "IR") == [pytest.approx(np.nan, nan_ok=True), 11]


@pytest.mark.parametrize(
    ("people", "uninvited"),
    [
        (TEAM, 0),
        ((*TEAM, ("o-3", "officer")), 1),
        ((("d", "detainee"), ("o-1", "officer"), ("o-3", "officer")), 1),  # as many as booked, but another
        ((("e", "detainee"), ("o-1", "officer"), ("o-2", "officer")), 1),
        ((*TEAM, ("e", "detainee")), 1),
        ((*TEAM, ("x", "unknown"), ("w", "worker")), 2),
        ((*TEAM, ("m", "medical")), 0),
        ((), 0),
    ],
)
def test_whoever_is_not_on_the_booking_is_uninvited(people: tuple[tuple[str, str], ...], uninvited: int) -> None:
    events = [*PEOPLE, person("e"), session(1, "book", **BOOKED), session(1000, "open"), inside("IR", 1010, *people)]
    assert play(events, 1010)("zone.uninvited", "IR") == [uninvited]


def test_nobody_can_tell_who_is_uninvited_without_a_picture_or_without_names_on_the_booking() -> None:
    booked = [session(1, "book", **BOOKED), session(1000, "open"), inside("IR", 1010, *TEAM)]
    assert np.isnan(play(booked, 1020)("zone.uninvited", "IR")[0])
    nameless = [session(1000, "open", subject="d"), inside("IR", 1010, *TEAM)]
    assert np.isnan(play(nameless, 1010)("zone.uninvited", "IR")[0])
    stranger = [session(1000, "open", subject="d"), inside("IR", 1010, *TEAM, ("x", "unknown"))]
    assert play(stranger, 1010)("zone.uninvited", "IR") == [1]


@pytest.mark.parametrize(("sex", "present"), [("male", 0.0), ("female", 1.0), ("unknown", np.nan), (None, np.nan)])
def test_female_staff_are_known_by_the_roster_only(sex: str | None, present: float) -> None:
    third = [] if sex is None else [person("o-9", role="officer", sex=sex)]
    events = [
        *PEOPLE,
        *third,
        session(1, "book", **{**BOOKED, "companion": "female_staff"}),
        session(1000, "open"),
        inside("IR", 1010, *TEAM, ("o-9", "officer")),
    ]
    value = play(events, 1010)
    assert value("zone.companion_required", "IR") == [1]
    assert value("zone.companion_present", "IR") == pytest.approx([present], nan_ok=True)
    assert value("zone.uninvited", "IR") == [0]  # the companion may be there beside the two booked


def test_a_minor_needs_a_guardian_whatever_the_booking_says() -> None:
    events = [
        *PEOPLE,
        person("d", minor=True, at=T0 + 1),
        session(1, "book", **BOOKED),
        session(1000, "open"),
        inside("IR", 1010, *TEAM),
        inside("IR", 1020, *TEAM, ("g", "visitor")),
    ]
    value = play(events, 1010, 1020)
    assert value("zone.companion_required", "IR") == [1, 1]
    assert value("zone.companion_present", "IR") == [0, 1]
    assert value("zone.uninvited", "IR") == [0, 0]


def test_an_unbooked_interrogation_is_found_and_a_booking_within_the_lateness_comes_in_time() -> None:
    there = [inside("IR", s, *TEAM) for s in range(5, 80)]
    assert ("int-02", "violation") in rules([*PEOPLE, *there], 90)
    booking = session(5, "book", **{**BOOKED, "starts_at": 5})
    late = [*in_order([*PEOPLE, *there])]
    late.insert(next(i for i, e in enumerate(late) if e.event_time == T0 + 6 * S), booking)
    out = fold_all(received([plan(), *late, end(T0 + 90 * S)]))
    assert "int-02" not in {a["rule"] for a in out.alert}
    assert not out.quarantine


def test_a_blind_camera_over_a_session_is_unobservable_never_compliant() -> None:
    events = [*PEOPLE, session(1, "book", **{**BOOKED, "starts_at": 1}), session(5, "open"), inside("IR", 6, *TEAM)]
    assert {("int-06", "unobservable"), ("int-07", "unobservable")} <= rules(events, 200)
