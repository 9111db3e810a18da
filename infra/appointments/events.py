"""Events and the desk: which tell it that circumstances changed, and which its own steps become."""

from __future__ import annotations

from infra.appointments.plan import Plan
from infra.appointments.words import FOREVER, Apart, Appointment, Gate, Input, Lift, Measure, Person, Session, Step
from ingestion.contracts import (
    EpidemicMeasure,
    Event,
    InterrogationSession,
    NonAssociation,
    PersonContext,
    VisitEvent,
)

DEVICE = "appointments"
"""Under which the desk's own steps are events."""
HEARD = (PersonContext, NonAssociation, InterrogationSession, EpidemicMeasure, VisitEvent)
UNENDED_MS = 4 * 3_600_000
"""How long an interrogation is taken to last whose booking names no end, as the rules' features take it."""
PUBLISHED = {
    "requested": "request",
    "unplaced": "request",
    "escalated": "escalate",
    "confirmed": "book",
    "moved": "book",
    "opened": "open",
    "held": "close",
    "no_show": "no_show",
    "refused": "cancel",
    "cancelled": "cancel",
}


def hear(event: Event) -> Input | None:
    """What an event of the facility says to the desk; None where it says nothing."""
    at = event.event_time
    match event:
        case PersonContext() if event.role == "detainee":
            return Person(event.subject, event.block, event.present)
        case NonAssociation():
            ends = at if event.action == "lift" else FOREVER if event.ends_at is None else event.ends_at
            return Apart(event.order, event.subject, event.other, ends)
        case InterrogationSession() if event.action == "book":
            starts = at if event.starts_at is None else event.starts_at
            ends = starts + UNENDED_MS if event.ends_at is None else event.ends_at
            if ends <= starts:
                return Lift("sessions", event.session, starts)
            return Session(event.session, event.zone, event.subject or "", tuple(event.officers), starts, ends)
        case InterrogationSession() if event.action in ("cancel", "close"):
            return Lift("sessions", event.session, at)
        case EpidemicMeasure() if event.action == "impose":
            starts = at if event.starts_at is None else event.starts_at
            ends = FOREVER if event.ends_at is None else event.ends_at
            if ends <= starts:
                return Lift("measures", event.measure, starts)
            return Measure(event.measure, event.kind, starts, ends, event.block, event.subject or "")
        case EpidemicMeasure():
            return Lift("measures", event.measure, at if event.ends_at is None else event.ends_at)
        case VisitEvent(action="open" | "close" | "no_show" as action) if event.device != DEVICE:
            return Gate(event.appointment, action, at)
    return None


def publish(facility: str, plan: Plan, appointment: Appointment, step: Step) -> VisitEvent | None:
    """The event that a step is; None for a step that changes nothing for the rules.

    A later booking of an appointment corrects the one before; a place that is lost is said by asking anew. The wait
    of a lawyer who asked long before counts from the time of the law before the last moment he wished.
    """
    action = PUBLISHED.get(step.did)
    if action is None:
        return None
    asked, place = appointment.asked, step.place
    booked = place if action in ("book", "open") else None
    room = None if booked is None else plan.room(booked.room)
    starts = None if booked is None else booked.starts
    if action == "request" and asked.kind == "lawyer" and appointment.due - plan.arrange_ms > appointment.asked_at:
        starts = appointment.due - plan.arrange_ms
    return VisitEvent.model_validate(
        {
            "facility": facility, "event_time": step.at, "device": DEVICE, "appointment": step.appointment,
            "subject": asked.subject, "kind": asked.kind, "action": action, "visitors": asked.visitors,
            "zone": None if booked is None else booked.room, "starts_at": starts,
            "ends_at": None if booked is None else booked.ends, "no_contact": room is not None and not room.contact,
            "screen": room is not None and room.screen,
        }
    )  # fmt: skip
