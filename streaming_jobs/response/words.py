"""What goes into a decision and what comes out of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

FalseAlarm = Literal["harmless_activity", "authorised_activity", "drill", "equipment_fault", "wrong_person_or_place"]
Action = Literal["acknowledge", "on_scene", "done", "false_alarm"]
EventKind = Literal[
    "opened", "joined", "told", "held_back", "answered", "refused", "noted", "escalated", "cleared", "closed"
]
PushKind = Literal["alert", "repeat", "escalation", "update", "list", "notice"]


class AlertStep(msgspec.Struct, tag=True, frozen=True):
    """A step in an alert's life, as the stream job tells it. Times in ms."""

    alert: str
    step: Literal["raised", "cleared"]
    rule: str
    mode: Literal["active", "shadow"]
    verdict: Literal["violation", "unobservable"]
    severity: Literal["notice", "minor", "major", "critical"]
    facility: str
    zone: str
    subjects: tuple[str, ...]
    accountable: str
    notify: tuple[str, ...]
    about_staff: bool
    raised_at: int
    title: dict[str, str]
    advice: dict[str, str]
    cameras: tuple[str, ...] = ()


class Answer(msgspec.Struct, tag=True, frozen=True):
    """What a post answered. ``posts``: addresses of all posts that the officer belongs to."""

    key: str
    case: str
    action: Action
    post: str
    officer: str
    posts: tuple[str, ...]
    reason: FalseAlarm | None = None


class Note(msgspec.Struct, tag=True, frozen=True):
    """A note, photo or recording was kept with the case; ``what`` is its id, its text stays where it is kept."""

    key: str
    case: str
    post: str
    officer: str
    what: str


class Notice(msgspec.Struct, tag=True, frozen=True):
    """Something posts are to know that is no case: told once, quietly, answered by nobody.

    Attributes:
        posts: kinds of post; one that the plan does not have is an address for channels, outside of the facility.
        zone: by which units are chosen.
    """

    key: str
    facility: str
    posts: tuple[str, ...]
    zone: str
    body: dict[str, Any]


class Silence(msgspec.Struct, tag=True, frozen=True):
    """Alerts of these rules and places are recorded, not pushed, from ``begin`` to ``end`` (ms)."""

    id: str
    rules: tuple[str, ...]
    facilities: tuple[str, ...]
    zones: tuple[str, ...]
    begin: int
    end: int
    post: str
    officer: str


class EndSilence(msgspec.Struct, tag=True, frozen=True):
    """A silence is over before its time."""

    id: str


class Tick(msgspec.Struct, tag=True, frozen=True):
    """Time has passed."""


Input = AlertStep | Answer | Note | Notice | Silence | EndSilence | Tick


class Push(msgspec.Struct, frozen=True):
    """Something for one post's screen. ``body``: the case as it is now, or a notice; loud ones ring."""

    id: str
    address: str
    case: str
    kind: PushKind
    at: int
    loud: bool
    body: dict[str, Any]


class CaseEvent(msgspec.Struct, frozen=True):
    """An entry in a case's time line; ``number`` counts from 0 within the case."""

    case: str
    number: int
    at: int
    kind: EventKind
    post: str = ""
    officer: str = ""
    detail: str = ""
    alert: str = ""


def alert_step(row: Mapping[str, Any]) -> AlertStep:
    """The alert in a row of ``silver.alert``.

    Raises:
        KeyError, ValueError, msgspec.ValidationError: it is no such row.
    """
    told = json.loads(row["explanation"])
    step = {
        **{name: row[name] for name in ("step", "rule", "mode", "verdict", "severity", "facility", "zone")},
        "alert": row["alert_id"],
        "subjects": row["subjects"],
        "accountable": row["accountable"],
        "notify": told.get("notify", []),
        "about_staff": told.get("about_staff", False),
        "raised_at": row["raised_at"],
        "title": told.get("title", {}),
        "advice": told.get("advice", {}),
        "cameras": told.get("look_at", {}).get("cameras", []),
        "type": "AlertStep",
    }
    return msgspec.convert(step, AlertStep)
