"""The fold of one facility: what is admitted, what is decided, and that batches do not matter."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.contracts import DERIVED, Event
from ingestion.contracts.platform import PatrolRound
from streaming_jobs.fold.facility import Outputs
from tests.support.scene import (
    T0,
    band,
    camera_state,
    check_in,
    end,
    fold_all,
    frame,
    in_order,
    person,
    quiet,
    received,
    seen,
    session,
    site_plan,
)

S = 1000


def rules(out: Outputs, step: str = "raised") -> list[str]:
    return [a["rule"] for a in out.alert if a["step"] == step and a["verdict"] == "violation"]


def a_fight(begin: int, seconds: int = 6) -> list[Event]:
    return [
        frame(
            begin + i * 500,
            seen("t1", 3.0, 3.0, subject="p-1", role="detainee", motion="abrupt"),
            seen("t2", 3.6, 3.0, subject="p-2", role="detainee", motion="active"),
        )
        for i in range(2 * seconds)
    ]


def a_day_with_everything() -> list[Event]:
    one_officer = [
        frame(
            T0 + (10 + s) * S,
            seen("d", 42, 2, "IR1", role="detainee"),
            seen("o", 44, 2, "IR1", role="officer"),
            camera="cam-IR1",
        )
        for s in range(60)
    ]
    runner = [frame(T0 + (20 + s) * S, seen("r", 1 + 4.0 * s, 5, role="detainee")) for s in range(6)]
    down = [frame(T0 + (80 + s) * S, seen("x", 5, 5, role="detainee", posture="lying")) for s in range(45)]
    mixed = [
        frame(
            T0 + (130 + s) * S,
            seen("a", 25, 5, "B1", subject="p-1", role="detainee", motion="walking"),
            seen("b", 26, 5, "B1", subject="p-2", role="detainee", motion="walking"),
            camera="cam-B1",
        )
        for s in range(10)
    ]
    fallen = [band("p-3", T0 + (5 + 5 * i) * S, motion="fall" if i == 4 else "still") for i in range(30)]
    events: list[Event] = [
        site_plan(),
        person("p-1", block="A", case_class="violent"),
        person("p-2", block="B"),
        person("p-3", block="A", health_flags=["cardiac"]),
        *in_order(
            [
                *quiet(T0, 200, "cam-A1", "cam-B1", "cam-IR1"),
                *quiet(T0, 20, "cam-yard"),
                session(T0 + 5 * S, "book"),
                session(T0 + 9 * S, "open"),
                session(T0 + 75 * S, "close"),
                *one_officer,
                *runner,
                *a_fight(T0 + 60 * S),
                *down,
                *mixed,
                *fallen,
            ]
        ),
    ]
    return [*events, end(T0 + 200 * S)]


def test_each_of_the_incidents_of_a_day_raises_its_rule_and_no_other() -> None:
    out = fold_all(received(a_day_with_everything()))
    assert sorted(set(rules(out))) == ["cel-01", "cel-02", "cel-06", "cel-12", "dev-01", "hlt-03", "int-01"]
    assert [a["zone"] for a in out.alert if a["rule"] == "dev-01"] == ["yard"]
    assert not out.quarantine


def test_an_alert_explains_itself_with_values_thresholds_sources_and_where_to_look() -> None:
    out = fold_all(received(a_day_with_everything()))
    alert = next(a for a in out.alert if a["rule"] == "int-01")
    text = json.loads(alert["explanation"])
    officers = next(c for c in text["conditions"] if c["feature"] == "zone.officers")
    assert (officers["value"], officers["op"], officers["threshold"]) == (1.0, "<", 2.0)
    assert "118" in officers["source"]
    assert text["look_at"]["cameras"] == ["cam-IR1"]
    assert alert["onset"] == T0 + 10 * S
    assert alert["raised_at"] == T0 + 40 * S


def test_a_fight_changes_the_risk_of_both_and_shows_the_contribution() -> None:
    out = fold_all(received(a_day_with_everything()))
    of_one = [r for r in out.risk if r["subject"] == "p-1"]
    assert [r["level"] for r in of_one[:2]] == ["low", "elevated"]
    factors = [c["factor"] for c in json.loads(of_one[1]["contributions"])]
    assert factors == ["case_violent", "fighting", "unknown_days_in_custody", "unknown_assessment"]


def test_a_patrol_round_without_a_visit_is_missed_after_ten_minutes_and_cleared_by_the_visit() -> None:
    rounds = [PatrolRound(at="12:01", zones=["A1", "B1"])]
    events = [
        site_plan(rounds=rounds),
        *in_order([*quiet(T0, 900), check_in(T0 + 90 * S, "B1"), check_in(T0 + 800 * S, "A1")]),
        end(T0 + 900 * S),
    ]
    out = fold_all(received(events))
    missed = [a for a in out.alert if a["rule"] == "stf-01"]
    assert [(a["zone"], a["step"]) for a in missed] == [("A1", "raised"), ("A1", "cleared")]
    assert missed[0]["raised_at"] == T0 + (60 + 601) * S
    assert missed[1]["cleared"] == T0 + 800 * S


def test_a_round_under_a_dark_camera_is_unobservable_not_missed() -> None:
    rounds = [PatrolRound(at="12:01", zones=["A1"])]
    events = [
        site_plan(rounds=rounds),
        *in_order([*quiet(T0, 900), camera_state(T0 + 30 * S, "dark"), camera_state(T0 + 300 * S, "ok")]),
        end(T0 + 900 * S),
    ]
    verdicts = {a["verdict"] for a in fold_all(received(events)).alert if a["rule"] == "stf-01"}
    assert verdicts == {"unobservable"}


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{not json", "malformed_json"),
        (b"\xff\xfe\x00", "not_utf8"),
        (b'{"type":"video","facility":"330101"}', "contract"),
        (b'{"type":"video","facility":"330101","event_time":"soon","device":"c","detections":[]}', "contract"),
        (frame(T0, camera="cam-X").model_dump_json().encode(), "unknown_device"),
        (frame(T0, seen("t", 1, 1, "nowhere")).model_dump_json().encode(), "unknown_zone"),
        (frame(T0, seen("t", 1e4, 1)).model_dump_json().encode(), "impossible_coordinates"),
        (frame(T0 + 10 * 365 * 86_400 * S).model_dump_json().encode(), "ahead_of_time"),
        (site_plan().model_copy(update={"facility": "330102"}).model_dump_json().encode(), "key_mismatch"),
    ],
)
def test_bad_records_go_to_quarantine_with_their_reason_and_bytes_and_the_counts_hold(
    payload: bytes, reason: str
) -> None:
    out = fold_all(received([site_plan(), payload, *quiet(T0, 5), end(T0 + 5 * S)]))
    assert [(q["reason"], q["raw"], q["topic_offset"]) for q in out.quarantine] == [(reason, payload, 1)]
    for row in out.ledger:
        assert row["records"] == row["accepted"] + row["quarantined"]
    assert sum(row["records"] for row in out.ledger) == 1 + 1 + 20 + 1


def test_a_record_without_key_and_a_facility_without_plan_are_quarantined() -> None:
    assert [q["reason"] for q in fold_all(received([frame(T0)]), key=None).quarantine] == ["no_key"]  # type: ignore[arg-type]
    assert [q["reason"] for q in fold_all(received([frame(T0)])).quarantine] == ["unknown_facility"]


def test_the_same_record_twice_is_a_duplicate_and_a_late_one_is_landed_and_reported() -> None:
    again = frame(T0 + 3 * S, seen("t", 1, 1))
    late = frame(T0 + 1 * S, seen("late", 1, 1))
    events = [site_plan(), *quiet(T0, 4), again, again, *quiet(T0 + 4 * S, 10), late, end(T0 + 20 * S)]
    out = fold_all(received(events))
    assert [(q["reason"], q["landed"]) for q in out.quarantine] == [("duplicate", False), ("late", True)]
    assert sum(row["late"] for row in out.ledger) == 1


@pytest.mark.slow
def test_disorder_within_the_allowed_lateness_gives_the_same_alerts_as_order() -> None:
    events = a_day_with_everything()
    head, body, last = events[:4], events[4:-1], events[-1:]
    shuffled = sorted(body, key=lambda e: e.event_time + zlib.crc32(e.model_dump_json().encode()) % 1500)
    assert shuffled != body
    straight = fold_all(received([*head, *body, *last]))
    disordered = fold_all(received([*head, *shuffled, *last]))
    assert disordered.alert == straight.alert
    assert disordered.risk == straight.risk
    assert not disordered.quarantine


DAY = received(a_day_with_everything())
WHOLE = fold_all(DAY)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(min_value=0, max_value=len(DAY)), max_size=8))
def test_batches_and_restarts_anywhere_give_the_rows_of_an_undisturbed_run(cuts: list[int]) -> None:
    out = fold_all(DAY, cuts)
    assert out.alert == WHOLE.alert
    assert out.risk == WHOLE.risk
    assert out.custody_code == WHOLE.custody_code
    assert out.quarantine == WHOLE.quarantine
    assert out.rule_status == WHOLE.rule_status
    assert sum(r["records"] for r in out.ledger) == len(DAY)


@pytest.mark.slow
def test_all_rows_fit_their_contracts() -> None:
    bad = received([site_plan(), b"x", *quiet(T0, 3)])
    outs = {
        name: [*getattr(WHOLE, name), *getattr(fold_all(bad), name)]
        for name in ("ledger", "quarantine", "alert", "risk", "custody_code", "rule_status")
    }
    for name, rows in outs.items():
        assert rows
        for row in rows:
            DERIVED[f"silver.{name}"].model_validate(row)


@pytest.mark.slow
def test_a_silence_is_judged_for_an_hour_and_then_skipped() -> None:
    events = [site_plan(), *quiet(T0, 5), end(T0 + 30 * 86_400 * S)]
    out = fold_all(received(events, at=T0 + 31 * 86_400 * S))
    # Four blind cameras, which nobody answers; what they watch is unobservable, never compliant.
    assert sorted(set(rules(out))) == ["dev-01", "stf-12"]
    assert rules(out).count("dev-01") == 4
    assert {a["rule"] for a in out.alert if a["verdict"] == "unobservable"} >= {"cel-03", "cel-11"}
    assert max(a["raised_at"] for a in out.alert) <= T0 + 3605 * S
