"""The platform's own alarms: how long the oldest open alert of each severity has waited for an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

SEVERITIES = ("critical", "major", "minor", "notice")
ANSWERS = ("acknowledge", "on_scene", "done", "false_alarm")
OWN_RULE = "stf-12"  # the alert about unanswered alerts is not one of them

FEATURES = tuple(
    Feature(
        f"facility.unanswered_{severity}_s",
        "s",
        f"Time since the oldest open {severity} alert was raised that no post has answered; 0 if there is none.",
        "never",
    )
    for severity in SEVERITIES
)


class Open(msgspec.Struct):
    severity: str
    raised_s: int


class State(msgspec.Struct):
    waiting: dict[str, Open] = {}  # alert id -> an open alert without an answer


def _terminal(state: State, world: World, second: int, event: Any) -> None:
    if event.action in ANSWERS and event.alert is not None:
        state.waiting.pop(event.alert, None)


def _alerts(state: State, second: int, rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        if row["step"] == "cleared":
            state.waiting.pop(row["alert_id"], None)
        elif row["mode"] == "active" and row["verdict"] == "violation" and row["rule"] != OWN_RULE:
            state.waiting[row["alert_id"]] = Open(row["severity"], second)


def compute(state: State, sheet: Sheet) -> None:
    oldest = dict.fromkeys(SEVERITIES, sheet.second)
    for alert in state.waiting.values():
        oldest[alert.severity] = min(oldest[alert.severity], alert.raised_s)
    for severity, since in oldest.items():
        sheet.set(f"facility.unanswered_{severity}_s", float(sheet.second - since))


DOMAIN = Domain("alarms", FEATURES, compute, State, {"TerminalEvent": _terminal}, hears=_alerts)
