"""What a terminal's buttons become: events of the facility, by the officer, at the time of the press."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from infra.gateway.accounts import Session
from infra.gateway.entries import OLDEST_MS, Entry, event_of
from ingestion.contracts import EmergencyOrder

LEADER = Session("o-9", "leader@330101", ("leader@330101",), "x")
NOW = 1_795_000_000_000
READ: TypeAdapter[Entry] = TypeAdapter(Entry)


def emergency(**more: object) -> EmergencyOrder:
    entry = READ.validate_python({"key": "k-00000001", "at": NOW - 1000, "kind": "emergency", **more})
    event = event_of(entry, LEADER, NOW)  # type: ignore[arg-type]
    assert isinstance(event, EmergencyOrder)
    return event


def test_a_drill_asks_for_everybody_at_the_muster_within_its_minutes_and_is_closed_as_the_same_order() -> None:
    opened, closed = emergency(order="drill", action="open", minutes=7), emergency(order="drill", action="close")
    assert (opened.facility, opened.kind, opened.minutes, opened.due_at) == ("330101", "drill", 7.0, None)
    assert opened.event_time == NOW - 1000
    assert (closed.order, closed.action, closed.minutes) == (opened.order, "close", None)


def test_a_hazard_check_has_a_time_by_which_it_is_done() -> None:
    check = emergency(order="hazard_check", action="open", minutes=60)
    assert (check.minutes, check.due_at) == (None, NOW - 1000 + 3_600_000)


def test_a_press_of_long_ago_or_of_the_future_is_taken_to_a_day_ago_or_to_now() -> None:
    assert emergency(order="drill", action="open", at=0).event_time == NOW - OLDEST_MS
    assert emergency(order="drill", action="open", at=NOW + 9).event_time == NOW


@pytest.mark.parametrize("wrong", [{"order": "flood"}, {"action": "cancel"}, {"minutes": 1441}, {"minutes": "soon"}])
def test_what_is_no_order_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        emergency(**{"order": "drill", "action": "open", **wrong})
