"""An officer's duty figures out of a real lake: rosters, check-ins, what is nobody else's, what is only counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.casework.rosters import FEWEST, PAUSE_MS, Rosters
from infra.settings import Settings, load_settings
from ingestion.contracts import DutyShift, Event, PatrolCheckIn, ReceivedRecord
from tests.support.lake import fill

HOUR = 3_600_000
NOW = 1_795_000_000_000 // (24 * HOUR) * 24 * HOUR  # a midnight, UTC


def duty(officer: str, action: str, at: float, shift: str, begin: float = 0, end: float = 0) -> DutyShift:
    when = {"starts_at": int(NOW + begin * HOUR), "ends_at": int(NOW + end * HOUR)} if action == "plan" else {}
    return DutyShift(
        facility="330101", event_time=int(NOW + at * HOUR), device="roster", shift=shift, post="A", officer=officer,
        action=action, **when,  # type: ignore[arg-type]
    )  # fmt: skip


def visit(officer: str, zone: str, minute: float, action: str = "arrive") -> PatrolCheckIn:
    return PatrolCheckIn(
        facility="330101", event_time=int(NOW - HOUR + minute * 60_000), device="t", zone=zone, officer=officer,
        action=action,  # type: ignore[arg-type]
    )  # fmt: skip


def land(settings: Settings, events: list[Event], begin: int, received: float) -> None:
    """Records as the stream job writes them to bronze."""
    payloads = [event.model_dump_json().encode() for event in events] + [b'{"type":"duty"', b'{"type":"video"}']
    fill(
        settings,
        *(
            ReceivedRecord(
                topic_partition=0, topic_offset=begin + n, received_at=int(NOW + received * HOUR), source="t",
                record_key=b"330101", payload=payload,
            )
            for n, payload in enumerate(payloads)
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    events: list[Event] = [
        duty("o-1", "plan", -40, "s1", -28, -20), duty("o-1", "sign_on", -28, "s1"), duty("o-1", "sign_off", -18, "s1"),
        duty("o-1", "plan", -40, "s2", 4, 18),
        duty("o-2", "plan", -40, "s3", -2, 6), duty("o-2", "sign_on", -2, "s3"),
        visit("o-1", "A1", 0), visit("o-1", "A1", 2.5, "leave"), visit("o-1", "A2", 3), visit("o-1", "A3", 4),
        visit("o-2", "A1", 1),
    ]  # fmt: skip
    land(settings, events, 0, -1)
    return settings


def test_an_officer_sees_the_own_hours_rest_plan_and_warnings(settings: Settings) -> None:
    seen = Rosters(settings).officer("o-1", NOW)
    assert seen["figures"]["hours_7d"] == 10
    assert seen["figures"]["next_rest_h"] == 22
    assert seen["limits"] == {"duty_h": 12, "rest_h": 8, "closed_days": 14, "kss": 7.0}
    over = [w for w in seen["figures"]["warnings"] if w["kind"] == "duty" and w["state"] == "over"]
    assert [(w["shift"], w["zh"], w["en"]) for w in over] == [
        ("s2", "连续执勤 14.0 小时（上限 12）", "14.0 h on duty (at most 12)")
    ]
    assert {shift["shift"] for shift in seen["shifts"]} == {"s1", "s2"}


def test_a_visit_lasts_to_the_departure_or_the_next_arrival_elsewhere(settings: Settings) -> None:
    visits = Rosters(settings).officer("o-1", NOW)["visits"]
    assert [(one["zone"], one["dwell_s"]) for one in visits] == [("A1", 150.0), ("A2", 60.0), ("A3", None)]


def test_who_has_no_shifts_sees_none_of_anybody(settings: Settings) -> None:
    seen = Rosters(settings).officer("o-9", NOW)
    assert (seen["shifts"], seen["visits"], seen["figures"]["hours_28d"]) == ([], [], 0)


def test_leaders_see_counts_and_no_means_of_a_few(settings: Settings) -> None:
    rosters = Rosters(settings)
    few = rosters.unit("3301", NOW)
    assert few == [{"facility": "330101", "officers": 2, "on_duty": 1, "mean_hours_7d": None, "officers_over": None}]
    assert "o-1" not in str(few)
    assert rosters.unit("44", NOW) == []


def test_what_arrives_later_is_read_once_and_the_rest_not_again(settings: Settings) -> None:
    rosters = Rosters(settings)
    assert len(rosters.events(NOW)) == 11
    more = [duty(f"o-{n}", "plan", -1, f"t{n}", 2, 10) for n in range(10, 10 + FEWEST)]
    land(settings, list(more), 100, 0)
    assert len(rosters.events(NOW + PAUSE_MS - 1)) == 11
    assert len(rosters.events(NOW + PAUSE_MS)) == 11 + FEWEST
    [summed] = rosters.unit("33", NOW + PAUSE_MS)
    assert summed["officers"] == 2 + FEWEST
    assert summed["mean_hours_7d"] == pytest.approx((10 + 2) / 7, abs=0.1)
    assert summed["officers_over"]["duty"] == 1


def test_an_empty_lake_says_nothing(tmp_path: Path) -> None:
    assert Rosters(load_settings(home=tmp_path)).unit("00", NOW) == []
