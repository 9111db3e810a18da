"""Alerts against truth: what counts as found, as wrong, and how late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streaming_jobs.evaluation import TOLERANCE_MS, evaluate


@dataclass(frozen=True)
class Fight:
    begin_ms: int
    end_ms: int
    rule: str = "cel-01"
    facility: str = "330101"
    zone: str = "A1"
    ways: tuple[str, ...] = ("HALL",)
    subjects: tuple[str, ...] = ("p-1", "p-2")


def alert(onset: int, **other: Any) -> dict[str, Any]:
    base = {
        "alert_id": f"a{onset}",
        "rule": "cel-01",
        "facility": "330101",
        "zone": "A1",
        "subjects": ["p-1", "p-9"],
        "onset": onset,
        "raised_at": onset + 2000,
        "cleared": onset + 8000,
        "verdict": "violation",
        "mode": "active",
    }
    return {**base, **other}


def test_an_alert_within_the_interval_is_found_with_its_delay() -> None:
    (score,) = evaluate([alert(100_500)], [Fight(100_000, 110_000)], ["cel-01"])
    assert (score.recall, score.precision, score.delay_s) == (1.0, 1.0, 2.5)


def test_one_shared_subject_is_enough_where_the_zone_differs() -> None:
    (score,) = evaluate([alert(100_500, zone="elsewhere")], [Fight(100_000, 110_000)], ["cel-01"])
    assert score.found == 1


def test_on_the_way_to_it_an_alert_is_right_as_well() -> None:
    both = [alert(99_000, zone="HALL", subjects=[]), alert(100_500)]
    (score,) = evaluate(both, [Fight(100_000, 110_000)], ["cel-01"])
    assert (score.found, score.alerts, score.wrong) == (1, 2, 0)


def test_another_facility_another_time_or_another_person_is_a_wrong_alert() -> None:
    wrong = [
        alert(1, facility="330102"),
        alert(110_000 + TOLERANCE_MS + 1, cleared=None),
        alert(100_600, zone="B1", subjects=["p-7", "p-8"]),
    ]
    (score,) = evaluate(wrong, [Fight(100_000, 110_000)], ["cel-01"])
    assert (score.found, score.wrong, score.recall, score.precision) == (0, 3, 0.0, 0.0)


def test_shadow_and_unobservable_are_no_alerts_and_nothing_gives_no_rate() -> None:
    quiet = [alert(100_500, mode="shadow"), alert(100_500, verdict="unobservable")]
    (score,) = evaluate(quiet, [], ["cel-01"])
    assert (score.alerts, score.recall, score.precision, score.delay_s) == (0, None, None, None)


def test_an_alert_about_the_whole_facility_meets_an_incident_anywhere_in_it() -> None:
    (score,) = evaluate([alert(100_500, zone="", subjects=[])], [Fight(100_000, 110_000, subjects=())], ["cel-01"])
    assert score.found == 1
