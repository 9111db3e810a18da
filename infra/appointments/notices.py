"""What posts and the visitor are told of a step. An escalation is not among it: it is an alert, by rule int-10b."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from infra.appointments.plan import Plan
from infra.appointments.reasons import reasons
from infra.appointments.words import FOREVER, Appointment, State, Step

BRINGERS = ("gate", "block_duty")
"""Who lets the visitor in, and who brings the person."""
VISITORS = ("visitors",)
"""No post of the facility: a channel to the visitors' own portal has this address."""
SOON = frozenset({"reminded", "called"})
TO_POSTS = SOON | {"moved", "unplaced", "cancelled"}
TO_VISITORS = frozenset({"confirmed", "moved", "unplaced", "escalated", "reminded", "refused", "cancelled"})


class Told(NamedTuple):
    """Something to be told once.

    Attributes:
        zone: block of the person, by which a post's units are chosen; '' for all of them.
        until: when nobody needs to know any more, ms.
    """

    posts: tuple[str, ...]
    zone: str
    until: int
    body: dict[str, Any]


def notices(plan: Plan, state: State, step: Step) -> list[Told]:
    """Who is told of a step, and what: the posts who is to be brought where, the visitor how the appointment stands."""
    one, place = state.appointments[step.appointment], step.place
    until = place.starts if place is not None and step.did in SOON else FOREVER
    told = []
    if step.did in TO_POSTS:
        person = state.persons.get(one.asked.subject)
        told.append(Told(BRINGERS, person.block if person else "", until, _body(plan, one, step, inside=True)))
    if step.did in TO_VISITORS:
        told.append(Told(VISITORS, "", until, _body(plan, one, step, inside=False)))
    return told


def _body(plan: Plan, one: Appointment, step: Step, *, inside: bool) -> dict[str, Any]:
    """An appointment as told; who is held and who accompanies stays inside the facility."""
    place, asked = step.place, one.asked
    told: dict[str, Any] = {
        "appointment": step.appointment,
        "did": step.did,
        "kind": asked.kind,
        "visitor": asked.visitor,
        "room": place.room if place else None,
        "starts_at": place.starts if place else None,
        "local": local(plan, place.starts) if place else "",
        "reason": worded(step.reason),
    }
    return {**told, "subject": asked.subject, "escort": place.escort if place else ""} if inside else told


def local(plan: Plan, at: int) -> str:
    """A moment (ms) by the facility's clock."""
    return f"{datetime.fromtimestamp(at / 1000, ZoneInfo(plan.timezone)):%Y-%m-%d %H:%M}"


def worded(reason: str) -> dict[str, str] | None:
    """A reason in words, with its code."""
    return {"code": reason, **reasons()[reason].model_dump()} if reason else None
