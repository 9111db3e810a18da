"""Interrogation rooms: bookings, sessions, rests, recorders, and who is in the room beside the booking."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.perceive import STALE_S
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import ROLES, Floats, World

EARLY_S = 300  # a booking covers people who are brought in this long before its start
LEAVE_S = 120  # and those who still leave this long after its session was closed
REST_S = 600  # a shorter pause is no rest, whether the session rests or is closed and opened anew
UNENDED_S = 4 * 3600  # a booking that names no end is taken to last this long
FORGET_S = 2 * 86_400  # an unopened booking this long past its end, or an open session unheard of, is dropped

UNSEEN = "no working camera covers the room"
FEATURES = (
    Feature("zone.interrogation_room", "bool", "The zone is an interrogation room.", "never"),
    Feature("zone.session_open", "bool", "An interrogation session is open in the room.", "never"),
    Feature(
        "zone.booking_in_force",
        "bool",
        "A booking covers the room: from 5 min before its start to its end, or to 2 min after its session was closed.",
        "never",
    ),
    Feature(
        "zone.session_running_s",
        "s",
        "How long the person in the open session has been questioned without a rest of at least 10 min.",
        "never",
    ),
    Feature(
        "zone.session_whole_s",
        "s",
        "Time since the open session, or one that it followed without a rest of 10 min, was first opened, its rests "
        "included: the summons as a whole.",
        "never",
    ),
    Feature("zone.night_approved", "bool", "The open session is approved for rest hours.", "never"),
    Feature(
        "zone.recording_gap_s",
        "s",
        "How long the recorder or the camera of the room has been down within the open session.",
        "the room's recorder never said how it is",
    ),
    Feature(
        "zone.uninvited",
        "persons",
        "People in the open session beyond its booking: other officers or more than booked, another or a second "
        "detainee, visitors, workers, unknown people. Medical staff and the booked companion are not counted.",
        f"{UNSEEN}, or the booking names no officers",
    ),
    Feature(
        "zone.companion_required",
        "bool",
        "The booking demands a companion, or the person is a minor.",
        "never",
    ),
    Feature(
        "zone.companion_present",
        "bool",
        "Female staff, or for a minor a guardian, is in the room.",
        f"{UNSEEN}, or the sex of the staff in it is unknown",
    ),
)


class Session(msgspec.Struct):
    """A booking and its session. Times in s; 0 where not known."""

    zone: str
    state: Literal["booked", "open", "rest", "closed"] = "booked"
    turned_s: int = 0  # when it took this state
    opened_s: int = 0  # when it was opened for the first time
    booked: bool = False
    starts_s: int = 0
    ends_s: int = 0
    subject: str = ""
    officers: list[str] = []
    approved: bool = False
    companion: str = "none"


class Stretch(msgspec.Struct):
    """Questioning of one person without a rest."""

    since_s: int
    paused_s: int = 0  # 0 while it goes on
    opened_s: int = 0  # when the summons it belongs to began


class Recorder(msgspec.Struct):
    zone: str
    down_s: int = 0  # 0 while it runs


class State(msgspec.Struct):
    sessions: dict[str, Session] = {}
    stretches: dict[str, Stretch] = {}  # pseudonym, or session that names none
    recorders: dict[str, Recorder] = {}  # device -> as its health messages say
    signals: dict[str, Recorder] = {}  # room -> as the interrogation system says


def _session(state: State, world: World, second: int, event: Any) -> None:
    action = event.action
    if action in ("recorder_up", "recorder_down"):
        _switch(state.signals, event.zone, event.zone, action == "recorder_down", second)
        return
    session = state.sessions.get(event.session)
    if session is None:
        session = state.sessions[event.session] = Session(event.zone, turned_s=second)
    before = session.subject or event.session
    if action == "book":  # a later one of the same session corrects all of it
        session.approved, session.companion = event.approved_at_night, event.companion
        session.subject, session.officers = event.subject or "", event.officers
        session.starts_s = session.ends_s = 0
    session.zone = event.zone
    session.subject = event.subject or session.subject
    session.officers = event.officers or session.officers
    session.approved |= event.approved_at_night
    session.companion = event.companion if event.companion != "none" else session.companion
    session.starts_s = session.starts_s if event.starts_at is None else event.starts_at // 1000
    session.ends_s = session.ends_s if event.ends_at is None else event.ends_at // 1000
    # A session that is opened on the spot, without a booked time, is not booked.
    session.booked |= action == "book" or event.starts_at is not None
    key = session.subject or event.session
    if key != before and session.state in ("open", "rest") and before in state.stretches:
        state.stretches[key] = state.stretches.pop(before)  # the session was of another person all the time
    if action == "cancel" and session.state == "booked":
        del state.sessions[event.session]
    elif action in ("open", "resume") and session.state != "open":
        session.state, session.turned_s = "open", second
        stretch = state.stretches.get(key)
        if stretch is None or (stretch.paused_s and second - stretch.paused_s >= REST_S):
            stretch = state.stretches[key] = Stretch(second)
        stretch.paused_s = 0
        # A session that follows another of the same person without a rest belongs to the same summons.
        stretch.opened_s = session.opened_s = session.opened_s or stretch.opened_s or second
    elif action in ("rest", "close", "cancel") and session.state in ("open", "rest"):
        if session.state == "open" and key in state.stretches:
            state.stretches[key].paused_s = second
        session.state, session.turned_s = ("rest" if action == "rest" else "closed"), second


def _switch(recorders: dict[str, Recorder], key: str, zone: str, down: bool, second: int) -> None:
    known = recorders.get(key, Recorder(zone))
    recorders[key] = Recorder(zone, (known.down_s or second) if down else 0)


def _device(state: State, world: World, second: int, event: Any) -> None:
    if event.kind == "recorder" and event.zone is not None:
        _switch(state.recorders, event.device, event.zone, event.state != "ok", second)


def _in_force(session: Session, second: int) -> bool:
    if not session.booked:
        return False
    if session.state == "booked":
        end = session.ends_s or session.starts_s + UNENDED_S
        return session.starts_s - EARLY_S <= second <= end
    return session.state != "closed" or second - session.turned_s <= LEAVE_S


def _tidy(state: State, second: int) -> None:
    """Drop what is done, so that the state stays small."""
    for name, session in list(state.sessions.items()):
        last = max(session.ends_s, session.starts_s, session.turned_s)
        if second - last > (LEAVE_S if session.state == "closed" else FORGET_S):
            del state.sessions[name]
    for name, stretch in list(state.stretches.items()):
        if second - (stretch.paused_s or stretch.since_s + FORGET_S) >= REST_S:
            del state.stretches[name]


def compute(state: State, sheet: Sheet) -> None:
    plan, second = sheet.world.plan, sheet.second
    if second % 60 == 0:
        _tidy(state, second)
    for feature in FEATURES:
        sheet.set(feature.name, 0.0)
    sheet.set("zone.interrogation_room", plan.of_kind("interrogation"))
    if not state.sessions:
        return
    columns: dict[str, Floats] = {f.name: np.zeros(len(plan.zones)) for f in FEATURES[1:]}
    for name, session in state.sessions.items():
        zone = plan.zone_index.get(session.zone, -1)
        if zone < 0:
            continue
        columns["zone.booking_in_force"][zone] += _in_force(session, second)
        if session.state != "open":
            continue
        stretch = state.stretches.get(session.subject or name)
        columns["zone.session_open"][zone] = 1.0
        columns["zone.session_running_s"][zone] = 0.0 if stretch is None else second - stretch.since_s
        columns["zone.session_whole_s"][zone] = second - (session.opened_s or session.turned_s)
        columns["zone.night_approved"][zone] = session.approved
        columns["zone.recording_gap_s"][zone] = _recording_gap(state, sheet, session, zone)
        companion = _companion(sheet.world, session)
        columns["zone.companion_required"][zone] = companion != "none"
        uninvited, present = _people(sheet, session, zone, companion)
        columns["zone.uninvited"][zone], columns["zone.companion_present"][zone] = uninvited, present
    columns["zone.booking_in_force"] = np.minimum(columns["zone.booking_in_force"], 1.0)
    for name, values in columns.items():
        sheet.set(name, values)


def _companion(world: World, session: Session) -> str:
    person = world.persons.get(session.subject)
    if session.companion == "none" and person is not None and person.facts.get("minor"):
        return "guardian"
    return session.companion


def _recording_gap(state: State, sheet: Sheet, session: Session, zone: int) -> float:
    """Seconds for which something that records the session has been down within it; NaN where nothing says so."""
    open_s = sheet.second - session.turned_s
    camera = min(float(np.nan_to_num(sheet.blind_s[zone])), open_s)
    found = [r for r in (*state.recorders.values(), *state.signals.values()) if r.zone == session.zone]
    if not found:
        return camera if camera >= STALE_S else np.nan
    return max(camera, *(min(sheet.second - r.down_s, open_s) if r.down_s else 0.0 for r in found))


def _people(sheet: Sheet, session: Session, zone: int, companion: str) -> tuple[float, float]:
    """Uninvited people in the room, and whether the companion is there; NaN where it cannot be seen."""
    if not sheet.watched[zone]:
        return np.nan, np.nan
    world, entities = sheet.world, sheet.world.entities
    place = entities["zone"]
    inside = np.flatnonzero(sheet.in_sight & ((place == zone) | (world.plan.parent[place] == zone)))
    number = np.bincount(entities["role"][inside], minlength=len(ROLES))
    names = [(entities.keys[row], entities["role"][row]) for row in inside]
    known = [(world.persons[key], key, role) for key, role in names if key in world.persons]

    helper = companion == "female_staff"
    others = number[[ROLES["visitor"], ROLES["worker"], ROLES["lawyer"], ROLES["unknown"]]].sum()
    strange = sum(role == ROLES["officer"] and key not in session.officers for _, key, role in known)
    officers = max(number[ROLES["officer"]] - len(session.officers), strange) - helper
    another = sum(role == ROLES["detainee"] and session.subject not in ("", key) for _, key, role in known)
    detainees = max(number[ROLES["detainee"]] - 1, another)
    uninvited = float(max(0, others - (companion == "guardian")) + max(0, detainees))
    if session.officers:
        uninvited += max(0, officers)
    elif not uninvited:
        uninvited = np.nan

    if companion == "guardian":
        return uninvited, float(number[ROLES["visitor"]] + number[ROLES["worker"]] > 0)
    staff = [(person, role) for person, _, role in known if role in (ROLES["officer"], ROLES["medical"])]
    sexes = {person.facts.get("sex", "unknown") for person, _ in staff}
    unknown = len(staff) < number[ROLES["officer"]] + number[ROLES["medical"]] or "unknown" in sexes
    return uninvited, 1.0 if "female" in sexes else np.nan if unknown else 0.0


DOMAIN = Domain("interrogation", FEATURES, compute, State, {"InterrogationSession": _session, "DeviceHealth": _device})
