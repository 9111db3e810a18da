"""Visits and lawyers' meetings: requests, bookings, audio, contact, overrun."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import ROLES, World

PLACED = frozenset({"book", "open", "close", "cancel", "no_show"})  # nobody has to look for a place any more
FORGET_S = 86_400  # a visit this long past its end is dropped
UNMET_S = 30 * 86_400  # and so is a request that nobody met for this long

FEATURES = (
    Feature("zone.visit_open", "bool", "A visit or a lawyer's meeting is open in the room.", "never"),
    Feature("zone.lawyer_meeting", "bool", "A lawyer's meeting is open in the room.", "never"),
    Feature(
        "zone.meeting_overheard",
        "bool",
        "An officer is in the room of an open lawyer's meeting, or its audio is on.",
        "audio is not known to be on, and no working camera covers the room",
    ),
    Feature(
        "zone.visit_overrun_s",
        "s",
        "Time since the booked end of the visit that is still open in the room; 0 before it.",
        "the open visit names no end",
    ),
    Feature(
        "subject.lawyer_waiting_s",
        "s",
        "Age of the person's oldest request for a lawyer's meeting that was not met, or of one made long before, the "
        "time since its wait counts; 0 without one.",
        "never",
    ),
    Feature(
        "subject.visit_unplaced",
        "bool",
        "The desk found no lawful place for a lawyer or consul who asked for the person, and has none yet.",
        "never",
    ),
    Feature(
        "pair.no_contact_visit",
        "bool",
        "A detainee and a visitor in the room of an open visit in which contact is not allowed.",
        "a role unknown",
    ),
)


class Visit(msgspec.Struct):
    """An appointment. Times in s; 0 where not known."""

    kind: str
    known_s: int  # when it was first heard of; of a request made long before, from when its wait counts
    zone: str = ""
    opened_s: int = 0
    ends_s: int = 0
    no_contact: bool = False
    audio: bool = False
    screen: bool = False
    subject: str = ""


class Request(msgspec.Struct):
    subject: str
    since_s: int


class State(msgspec.Struct):
    visits: dict[str, Visit] = {}  # appointment -> visit that is asked for, booked or open
    waiting: dict[str, Request] = {}  # appointment -> lawyer who has not met the client yet
    unplaced: dict[str, Request] = {}  # appointment -> request for which a person must find a place


def _visit(state: State, world: World, second: int, event: Any) -> None:
    action = event.action
    if action == "escalate":
        state.unplaced[event.appointment] = Request(event.subject, second)
        return
    if action in PLACED:
        state.unplaced.pop(event.appointment, None)
    if action in ("close", "cancel", "no_show"):
        # A meeting that was cancelled or that the lawyer missed is no longer waited for.
        state.visits.pop(event.appointment, None)
        state.waiting.pop(event.appointment, None)
        return
    asked_for = event.starts_at if action == "request" else None
    since_s = second if asked_for is None else max(second, asked_for // 1000)
    visit = state.visits.get(event.appointment)
    if visit is not None and action == "request" and visit.known_s == second:
        # Request and booking of one moment come in any order; the request says from when the wait counts.
        visit.known_s = since_s
        state.waiting.pop(event.appointment, None)
    if visit is None:
        over = action == "book" and event.ends_at is not None and event.ends_at // 1000 < second
        if over or action not in ("request", "book", "open"):
            return  # said of a visit that is over
        visit = state.visits[event.appointment] = Visit(event.kind, since_s, subject=event.subject)
    if action == "book":  # a later one of the same appointment corrects all of it
        visit.kind, visit.no_contact, visit.screen, visit.ends_s = event.kind, event.no_contact, event.screen, 0
    visit.zone = event.zone or visit.zone
    visit.no_contact |= event.no_contact
    visit.screen |= event.screen
    visit.ends_s = visit.ends_s if event.ends_at is None else event.ends_at // 1000
    if action == "open":
        visit.opened_s = visit.opened_s or second
    elif action in ("audio_on", "audio_off"):
        visit.audio = action == "audio_on"
    if event.kind != "lawyer" or visit.opened_s:
        state.waiting.pop(event.appointment, None)
    else:
        since_s = state.waiting.get(event.appointment, Request("", visit.known_s)).since_s
        state.waiting[event.appointment] = Request(event.subject, since_s)


def _person(state: State, world: World, second: int, event: Any) -> None:
    if not event.present:
        for asked in (state.waiting, state.unplaced):
            for name in [name for name, request in asked.items() if request.subject == event.subject]:
                del asked[name]


def family_in_person(world: World) -> list[Visit]:
    """Family visits that are open in this world's facility and not by screen."""
    state: State = world.domains.get(DOMAIN.name) or State()
    return [v for v in state.visits.values() if v.opened_s and v.kind == "family" and not v.screen]


def _tidy(state: State, second: int) -> None:
    """Drop what is done, so that the state stays small."""
    for name, visit in list(state.visits.items()):
        if second - max(visit.ends_s, visit.opened_s, visit.known_s) > FORGET_S:
            del state.visits[name]
    for asked in (state.waiting, state.unplaced):
        for name, request in list(asked.items()):
            if second - request.since_s > UNMET_S:
                del asked[name]


def compute(state: State, sheet: Sheet) -> None:
    plan, second = sheet.world.plan, sheet.second
    if second % 60 == 0:
        _tidy(state, second)
    opened, lawyer, overheard, overrun = (np.zeros(len(plan.zones)) for _ in range(4))
    apart = np.zeros(len(plan.zones), dtype=np.bool_)
    officers = sheet.count("officer")
    for visit in state.visits.values():
        zone = plan.zone_index.get(visit.zone, -1)
        if zone < 0 or not visit.opened_s:
            continue
        opened[zone] = 1.0
        overrun[zone] = max(0, second - visit.ends_s) if visit.ends_s else np.nan
        apart[zone] |= visit.no_contact
        if visit.kind == "lawyer":
            lawyer[zone] = 1.0
            seen = float(officers[zone] > 0) if sheet.watched[zone] else np.nan
            overheard[zone] = 1.0 if visit.audio else seen
    sheet.set("zone.visit_open", opened)
    sheet.set("zone.lawyer_meeting", lawyer)
    sheet.set("zone.meeting_overheard", overheard)
    sheet.set("zone.visit_overrun_s", overrun)

    oldest: dict[str, float] = {}
    for request in state.waiting.values():
        oldest[request.subject] = max(oldest.get(request.subject, 0.0), float(max(0, second - request.since_s)))
    sheet.set("subject.lawyer_waiting_s", sheet.by_subject(oldest, 0.0) if oldest else 0.0)
    unplaced = {request.subject: 1.0 for request in state.unplaced.values()}
    sheet.set("subject.visit_unplaced", sheet.by_subject(unplaced, 0.0) if unplaced else 0.0)

    rows = sheet.grids["pair"].rows
    if not apart.any() or not len(rows):
        sheet.set("pair.no_contact_visit", 0.0)
        return
    entities = sheet.world.entities
    role = sheet.of_entities(entities["role"], rows, ROLES["unknown"])
    zone_of = sheet.of_entities(entities["zone"], rows, -1)
    inside = (zone_of >= 0) & apart[zone_of]
    both = np.sort(role, axis=1) == sorted((ROLES["detainee"], ROLES["visitor"]))
    unknown = (role == ROLES["unknown"]).any(axis=1)
    found = np.where(unknown, np.nan, both.all(axis=1))
    sheet.set("pair.no_contact_visit", np.where(inside.all(axis=1), found, 0.0))


DOMAIN = Domain("meetings", FEATURES, compute, State, {"VisitEvent": _visit, "PersonContext": _person})
