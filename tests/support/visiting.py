"""A small facility that receives visitors, and its desk for tests: what is said, what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from infra.appointments.decide import decide
from infra.appointments.plan import Plan
from infra.appointments.words import Input, Outcome, Person, Place, Request, Span, State

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = 3_600_000


def when(text: str) -> int:
    """A moment of the week of Monday 2026-11-30, local time: ``mon 09:00``; ``mon+1`` is a week later."""
    day, _, time = text.partition(" ")
    name, _, weeks = day.partition("+")
    number = ("mon", "tue", "wed", "thu", "fri", "sat", "sun").index(name) + 7 * int(weeks or 0)
    hour, _, minute = time.partition(":")
    first = datetime(2026, 11, 30, int(hour), int(minute), tzinfo=ZONE)
    return int(first.timestamp() * 1000) + number * 24 * HOUR


def plan(**other: Any) -> Plan:
    """One room for lawyers, one for families, a screen; mornings from 9 to 11; one officer who accompanies families."""
    return Plan.model_validate(
        {
            "timezone": "Asia/Shanghai", "step_minutes": 30, "notice_minutes": 30, "horizon_days": 10,
            "early_minutes": 15, "late_minutes": 30, "lead_minutes": 15, "remind_minutes": 1440, "call_minutes": 10,
            "kinds": {
                "lawyer": {"minutes": 60, "escort": False, "escalates": True},
                "consular": {"minutes": 60, "escort": False, "escalates": True},
                "family": {"minutes": 30, "escort": True, "escalates": False},
            },
            "hours": [
                {"kinds": ["lawyer", "consular", "family"], "days": ["mon", "tue", "wed", "thu", "fri"],
                 "opens": "09:00", "closes": "11:00"},
            ],
            "areas": {"hall": {"people": 4}, "ward": {"people": 2}},
            "rooms": [
                {"zone": "L1", "kinds": ["lawyer", "consular"], "area": "hall", "contact": True, "visitors": 2},
                {"zone": "F1", "kinds": ["family"], "area": "hall", "visitors": 3},
                {"zone": "S1", "kinds": ["lawyer", "family"], "area": "ward", "visitors": 2, "screen": True},
            ],
            "escorts": ["o-1"],
            "measures": {"quarantine": [], "fever_cluster": ["lawyer"], "visit_stop": ["lawyer", "consular"]},
            **other,
        }
    )  # fmt: skip


class Desk:
    """A desk with detainees a and b in block B1, c in B2."""

    def __init__(self, **other: Any) -> None:
        self.plan, self.state = plan(**other), State()
        for subject, block in (("a", "B1"), ("b", "B1"), ("c", "B2")):
            self.say("mon 08:00", Person(subject, block))

    def say(self, at: str | int, said: Input) -> Outcome:
        return decide(self.state, self.plan, said, when(at) if isinstance(at, str) else at)

    def ask(self, at: str, name: str, kind: Any, subject: str, *wishes: tuple[str, str], **more: Any) -> list[str]:
        """Request a visit; what was done, each with its reason."""
        spans: tuple[Span, ...] = tuple((when(begin), when(end)) for begin, end in wishes)
        out = self.say(at, Request(name, kind, subject, f"v-{name}", wishes=spans, **more))
        return [f"refused {out.refused}"] if out.refused else told(out)

    def place(self, name: str) -> tuple[str, str] | None:
        """Room and local start of an appointment."""
        at: Place | None = self.state.appointments[name].taken
        return None if at is None else (at.room, f"{datetime.fromtimestamp(at.starts / 1000, ZONE):%a %H:%M}".lower())

    def status(self, name: str) -> str:
        return self.state.appointments[name].status


def told(out: Outcome) -> list[str]:
    """Steps as ``what reason``."""
    return [f"{step.did} {step.reason}".strip() for step in out.steps]
