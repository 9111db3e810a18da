"""What became of alerts at the posts, from the steps of their cases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from batch_jobs.derived_registers import SOURCE
from batch_jobs.derived_registers.heard import Heard, content, in_order, later, moment
from ingestion.contracts import AlertAnswer, TerminalEvent

_REASONS = {one for kind in get_args(TerminalEvent.model_fields["reason"].annotation) for one in get_args(kind)}


def alert_answers(heard: Iterable[Heard]) -> list[AlertAnswer]:
    """A row for each alert that a case held, in all versions, in the order of known time.

    An answer of the case is one of all its alerts; one that does not count (the accused post's own) is none. Who
    answered is not in the row.

    Args:
        heard: events `case`.
    """
    open_cases: dict[tuple[str, str], dict[str, AlertAnswer]] = {}  # facility, case -> alert -> newest version
    reasons: dict[tuple[str, str], str] = {}
    versions: list[AlertAnswer] = []
    for _, received, event in in_order(heard):
        key, at = (event.facility, event.case), moment(event.event_time)
        alerts = open_cases.setdefault(key, {})
        changes: dict[str, Any] = {}
        if event.step in ("opened", "joined") and event.alert not in alerts:
            alerts[event.alert] = AlertAnswer(
                known_from=moment(received),
                source=SOURCE,
                alert=event.alert,
                facility=event.facility,
                rule=event.detail,
                told=at,
                answered=at if any(row.answered for row in alerts.values()) else None,
                escalated=False,
            )
            versions.append(alerts[event.alert])
        elif event.step == "answered":
            if event.detail in _REASONS:
                reasons[key] = event.detail
            changes = {"answered": at}
        elif event.step == "escalated":
            changes = {"escalated": True}
        elif event.step == "closed":
            changes = {"closed": at, "outcome": event.detail}
            if event.detail == "false_alarm":
                changes["reason"] = reasons.get(key)
        for alert, row in alerts.items() if changes else ():
            if event.step == "answered" and row.answered is not None:
                continue  # the first answer counts
            version = later(row, received, **changes)
            if content(version) != content(row):
                alerts[alert] = version
                versions.append(version)
        if event.step == "closed":
            del open_cases[key]
    return versions
