"""What the platform saw of restraints, requests to see a lawyer and days, as rows of registers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import nan
from typing import Any

from batch_jobs.derived_registers.days import Judged, custody_day
from batch_jobs.derived_registers.heard import Heard, news
from batch_jobs.derived_registers.lawyers import lawyer_requests
from batch_jobs.derived_registers.restraints import restraint_uses
from ingestion.contracts import EVENTS, LawyerRequest, RestraintUse

BEGIN = datetime(2026, 3, 31, 15, tzinfo=UTC)
HOUR = 3_600_000


def at(hours: float) -> int:
    """Milliseconds since 1970, so many hours after the beginning."""
    return int(BEGIN.timestamp() * 1000 + hours * HOUR)


def after(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


def heard(of: str, hours: float, received: float | None = None, **fields: Any) -> Heard:
    event = EVENTS[of].model_validate({"facility": "F1", "device": "d", "event_time": at(hours), **fields})
    return Heard(of, at(hours if received is None else received), event)


def order(hours: float, action: str, **fields: Any) -> Heard:
    return heard(
        "restraint", hours, **{"order": "o-1", "subject": "p-1", "restraint": "belt", "action": action, **fields}
    )


def visit(hours: float, action: str, **fields: Any) -> Heard:
    return heard(
        "visit", hours, **{"appointment": "v-1", "subject": "p-1", "kind": "lawyer", "action": action, **fields}
    )


def last_restraint(*events: Heard) -> RestraintUse:
    return restraint_uses(events)[-1]


def last_request(*events: Heard) -> LawyerRequest:
    return lawyer_requests(events)[-1]


def test_a_restraint_is_known_when_put_on_when_allowed_for_longer_and_when_taken_off() -> None:
    found = restraint_uses([order(0, "apply", ends_at=at(2)), order(1, "extend", ends_at=at(4)), order(3, "remove")])
    assert [(row.known_from, row.allowed_until, row.ended) for row in found] == [
        (after(0), after(2), None), (after(1), after(4), None), (after(3), after(4), after(3)),
    ]  # fmt: skip
    assert {(row.restraint_use, row.begun) for row in found} == {(f"F1/o-1@{at(0)}", after(0))}


def test_the_same_order_put_on_again_is_another_use() -> None:
    found = restraint_uses([order(0, "apply"), order(1, "remove"), order(5, "apply"), order(6, "remove")])
    assert [(row.begun, row.ended) for row in found if row.ended] == [(after(0), after(1)), (after(5), after(6))]
    assert len({row.restraint_use for row in found}) == 2


def test_facilities_may_number_their_orders_and_appointments_alike() -> None:
    for found in (
        restraint_uses([order(0, "apply"), order(0, "apply", facility="F2"), order(1, "remove", facility="F2")]),
        lawyer_requests([visit(0, "request"), visit(0, "request", facility="F2"), visit(1, "open", facility="F2")]),
    ):
        assert [row.facility for row in found] == ["F1", "F2", "F2"]
        assert len({getattr(row, row.KEY[0]) for row in found}) == 2


def test_an_order_that_says_no_end_says_none_and_a_removal_of_nothing_is_nothing() -> None:
    assert last_restraint(order(0, "apply")).allowed_until is None
    assert restraint_uses([order(0, "remove")]) == []


def test_restraints_end_when_the_person_leaves_and_only_then() -> None:
    gone = heard("person", 2, subject="p-1", present=False)
    assert last_restraint(order(0, "apply"), gone).ended == after(2)
    for other in (heard("person", 2, subject="p-2", present=False), heard("person", 2, subject="p-1")):
        assert last_restraint(order(0, "apply"), other).ended is None
    assert (
        last_restraint(order(0, "apply"), heard("person", 2, facility="F2", subject="p-1", present=False)).ended is None
    )


def test_what_came_late_stands_where_it_happened() -> None:
    late = order(1, "extend", received=9, ends_at=at(4))
    assert last_restraint(order(0, "apply", ends_at=at(2)), order(3, "remove"), late).allowed_until == after(4)


def test_a_request_is_met_when_the_meeting_opens() -> None:
    asked = visit(0, "request"), visit(1, "book", starts_at=at(40), ends_at=at(41))
    assert lawyer_requests(asked)[-1].met is None
    found = last_request(*asked, visit(40, "open"), visit(41, "close"))
    assert (found.waits_from, found.met, found.lapsed) == (after(0), after(40), None)


def test_the_wait_of_one_who_asked_long_before_counts_from_the_time_he_wished() -> None:
    assert last_request(visit(0, "request", starts_at=at(100))).waits_from == after(100)
    assert last_request(visit(0, "request", starts_at=at(-5))).waits_from == after(0)


def test_a_request_falls_away_when_cancelled_when_nobody_comes_and_when_the_person_leaves() -> None:
    for event in (visit(3, "cancel"), visit(3, "no_show"), heard("person", 3, subject="p-1", present=False)):
        found = last_request(visit(0, "request"), event)
        assert (found.met, found.lapsed) == (None, after(3))


def test_asking_anew_for_a_place_that_was_lost_does_not_start_the_wait_again() -> None:
    found = lawyer_requests([visit(0, "request"), visit(1, "book"), visit(9, "request")])
    assert [(row.waits_from, row.met) for row in found] == [(after(0), None)]


def test_visits_of_families_are_no_requests_for_a_lawyer_and_what_is_over_is_none() -> None:
    assert lawyer_requests([visit(0, "request", kind="family")]) == []
    assert lawyer_requests([visit(5, "book", starts_at=at(1), ends_at=at(2)), visit(6, "close")]) == []


def test_a_day_counts_what_is_not_known_apart() -> None:
    people = [
        Judged(1, 16, 0), Judged(1, 17, 20), Judged(1, nan, nan), Judged(0, 0, 60), Judged(nan, nan, nan),
    ]  # fmt: skip
    found = custody_day("F1", date(2026, 3, 31), after(1), people)
    assert (found.persons, found.solitary, found.solitary_unknown, found.prolonged) == (5, 3, 1, 1)
    assert (found.outside_short, found.outside_unknown) == (2, 2)


def test_registers_are_told_each_version_once_and_of_late_records_only_what_it_comes_to() -> None:
    first = restraint_uses([order(0, "apply", ends_at=at(2)), order(3, "remove")])
    assert news(first, []) == first
    assert news(first, first) == []
    again = restraint_uses([order(0, "apply", ends_at=at(2)), order(3, "remove"), order(5, "apply")])
    assert [row.begun for row in news(again, first)] == [after(5)]
    late = order(1, "extend", received=2, ends_at=at(4))
    (told,) = news(restraint_uses([order(0, "apply", ends_at=at(2)), late, order(3, "remove")]), first)
    assert (told.allowed_until, told.ended) == (after(4), after(3))
    assert told.known_from > first[-1].known_from
