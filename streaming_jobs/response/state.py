"""What the response remembers: open cases, who was told what, silences, and when to look again."""

from __future__ import annotations

import heapq
from typing import Literal

import msgspec

from streaming_jobs.response.words import AlertStep, Silence

Status = Literal["open", "acknowledged", "on_scene", "closed"]


class Called(msgspec.Struct):
    """A post that a case was given to. ``news``: how many of the case's alerts it was told of."""

    since: int
    escalated: bool = False
    told_at: int | None = None
    news: int = 0
    pushes: int = 0
    done: bool = False


class Case(msgspec.Struct):
    """One event with one time line, for all posts that are called."""

    id: str
    group: str
    first: AlertStep
    shown: AlertStep  # the gravest
    severity: Literal["notice", "minor", "major", "critical"]
    opened_at: int
    received_late: bool
    called: dict[str, Called]
    holds: dict[str, bool]  # alert id -> whether its condition still holds
    subjects: list[str]
    status: Status = "open"
    told_at: int | None = None  # the first push: escalation counts from here
    answered_at: int | None = None
    closed_at: int | None = None
    held_back: str = ""
    unanswered: int = 0  # escalation steps taken
    unfinished: int = 0
    events: int = 0
    keys: list[str] = []
    due: int | None = None


class State(msgspec.Struct):
    """Everything. Plain data: it can be stored, and a copy decides the same."""

    at: int = 0
    cases: dict[str, Case] = {}
    open_group: dict[str, str] = {}  # group -> its open case
    case_of: dict[str, str] = {}  # alert id -> case
    sources: dict[str, None] = {}  # open cases that may hold others back
    held: dict[str, None] = {}  # open cases that are held back
    silences: dict[str, Silence] = {}
    sent: dict[str, tuple[int, int]] = {}  # address -> minute, pushes in it
    waiting: dict[str, list[str]] = {}  # address -> cases over the limit, to be listed
    agenda: list[tuple[int, str]] = []  # heap of (ms, case id or address)

    def schedule(self, due: int, what: str) -> None:
        """Look at a case, or at an address's waiting list, when it is time."""
        heapq.heappush(self.agenda, (due, what))

    def next_due(self) -> int | None:
        """When the next tick has something to do, ms."""
        return self.agenda[0][0] if self.agenda else None


def encode(state: State) -> bytes:
    """The state as bytes."""
    return msgspec.msgpack.encode(state)


def decode(data: bytes) -> State:
    """The state in bytes that :func:`encode` made."""
    return msgspec.msgpack.decode(data, type=State)
