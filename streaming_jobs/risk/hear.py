"""From events and alerts to the records of persons: which event means which input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from streaming_jobs.features.domains.medical import FEVER_C
from streaming_jobs.risk.record import Happening, Record


def _person(record: Record, second: int, event: Any) -> None:
    for name in ("case_class", "age_band", "education", "first_custody", "minor", "health_flags"):
        record.know(name, second, getattr(event, name))
    record.know("days_in_custody", second, None if event.admitted_at is None else event.admitted_at // 1000)


def _assessment(record: Record, second: int, event: Any) -> None:
    record.renew("assessment", second, event.result)


def _complaint(record: Record, second: int, event: Any) -> None:
    if event.action == "filed":
        record.open.setdefault(event.complaint, second)
        record.happen([Happening(f"complaint.{event.about}", second)])
    else:
        record.open.pop(event.complaint, None)
    record.know("complaint_days", second, min(record.open.values(), default=None))


def _interrogation(record: Record, second: int, event: Any) -> None:
    if event.action == "open":
        names = ["interrogation", *(["interrogation.night"] if event.approved_at_night else [])]
        record.happen(Happening(name, second) for name in names)


def _visit(record: Record, second: int, event: Any) -> None:
    if event.action == "no_show":
        record.happen([Happening("visit.no_show", second)])
    elif event.action == "close" and event.kind in ("family", "lawyer"):
        record.happen([Happening(f"visit.{event.kind}", second)])


def _medical(record: Record, second: int, event: Any) -> None:
    if event.temperature is not None and event.temperature >= FEVER_C:
        record.happen([Happening("fever", second)])
    if event.duty == "medication" and event.action == "refused":
        record.happen([Happening("medication.refused", second)])


def _restraint(record: Record, second: int, event: Any) -> None:
    if event.action == "apply":
        record.happen([Happening("restraint", second)])


def _separation(record: Record, second: int, event: Any) -> None:
    if event.action == "impose" and event.reason == "conflict":
        record.happen([Happening("separation", second)])


def _correction(record: Record, second: int, event: Any) -> None:
    at_s = event.happened_at // 1000
    record.strike(lambda h: (h.input, h.at_s) == (event.input, at_s), second)


HEARD: dict[str, Callable[[Record, int, Any], None]] = {
    "PersonContext": _person,
    "PsychologicalAssessment": _assessment,
    "Complaint": _complaint,
    "InterrogationSession": _interrogation,
    "VisitEvent": _visit,
    "MedicalEvent": _medical,
    "RestraintOrder": _restraint,
    "NonAssociation": _separation,
    "RiskCorrection": _correction,
}
"""By the name of an event's contract: (record, second, event) writes into the record of a person."""


def persons_of(event: Any) -> tuple[str, ...]:
    """Pseudonyms of those whom an event is about."""
    other = getattr(event, "other", None)
    return tuple(name for name in (getattr(event, "subject", None), other) if name is not None)


def hear_alerts(
    records: Mapping[str, Record], second: int, alerts: Iterable[Mapping[str, Any]], counted: Iterable[str]
) -> set[str]:
    """Write raised alerts into the records of their subjects; returns whose.

    Args:
        alerts: rows of ``silver.alert``. counted: inputs that a card looks at.
    """
    wanted, due = set(counted), set[str]()
    for alert in alerts:
        name = f"alert.{alert['rule']}"
        if name in wanted and alert["verdict"] == "violation" and alert["mode"] == "active":
            for subject in alert["subjects"]:
                if subject in records:
                    records[subject].happen([Happening(name, second, alert["alert_id"])])
                    due.add(subject)
    return due


def strike_alert(records: Mapping[str, Record], second: int, alert: str) -> set[str]:
    """Strike an alert that was answered as false; returns whose records it was in."""
    return {subject for subject, record in records.items() if record.strike(lambda h: h.ref == alert, second)}
