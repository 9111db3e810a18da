"""Alerts and answers for tests of the response, and a desk that decides on them in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streaming_jobs.catalogue import load_catalogue
from streaming_jobs.response import (
    AlertStep,
    Answer,
    CaseEvent,
    Decision,
    Input,
    Plan,
    Push,
    State,
    Tick,
    decide,
    load_plan,
)

FACILITY = "330101"
NOON = 1_772_424_000_000  # 2026-03-02T12:00:00+08:00
PLAN = load_plan()
CATALOGUE = load_catalogue()


def raised(alert: str, rule: str = "cel-01", at: int = NOON, zone: str = "A1", **more: Any) -> AlertStep:
    """An alert of a rule of the catalogue, as the stream job tells it."""
    known = CATALOGUE[rule]
    facts: dict[str, Any] = {
        "step": "raised",
        "mode": "active",
        "verdict": "violation",
        "severity": known.severity,
        "facility": FACILITY,
        "subjects": (),
        "accountable": known.accountable,
        "notify": tuple(known.notify),
        "about_staff": known.about_staff,
        "title": known.title.model_dump(),
        "advice": known.advice.model_dump(),
        **more,
    }
    return AlertStep(alert=alert, rule=rule, raised_at=at, zone=zone, **facts)


class Desk:
    """A state moved on by inputs at given seconds after noon, with all that came out of it."""

    def __init__(self, plan: Plan = PLAN) -> None:
        self.plan, self.state = plan, State()
        self.pushes: list[Push] = []
        self.events: list[CaseEvent] = []

    def hears(self, said: Input, second: float) -> Decision:
        out = decide(self.plan, self.state, said, NOON + int(second * 1000))
        self.pushes += out.pushes
        self.events += out.events
        return out

    def waits(self, *seconds: float) -> None:
        for second in seconds:
            self.hears(Tick(), second)

    def answers(self, post: str, action: Any, second: float, *, officer: str = "o-1", **more: Any) -> str:
        """The only case's answer by a post; returns why it was refused, or nothing."""
        address = post if "@" in post else f"{post}@{FACILITY}"
        facts: dict[str, Any] = {"posts": (address,), "case": next(iter(self.state.cases)), **more}
        key = f"{address} {action} {second}"
        return self.hears(Answer(key=key, action=action, post=address, officer=officer, **facts), second).refused

    def told(self, *kinds: str) -> list[str]:
        """Posts that got loud pushes (of these kinds), in order."""
        return [posts_of(p.address) for p in self.pushes if p.loud and (not kinds or p.kind in kinds)]

    @property
    def status(self) -> list[str]:
        return [case.status for case in self.state.cases.values()]

    def line(self) -> list[str]:
        """The time line's kinds of entries without those about pushes."""
        return [e.kind for e in self.events if e.kind != "told"]


def posts_of(address: str) -> str:
    return address.partition("@")[0]


def in_words(pushes: Iterable[Push]) -> list[tuple[str, str]]:
    return [(posts_of(p.address), p.kind) for p in pushes]
