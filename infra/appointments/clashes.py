"""What stands against a meeting at a place and time; nothing, if it may take place."""

from __future__ import annotations

from collections.abc import Iterator

from infra.appointments.plan import Plan, Room
from infra.appointments.words import Appointment, Measure, Place, Session, Span, State

MINUTE = 60_000


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans share a moment."""
    return one[0] < other[1] and other[0] < one[1]


def _span(one: Place | Session | Measure, lead: int = 0) -> Span:
    return one.starts - lead, one.ends + lead


def _others(state: State, name: str) -> Iterator[tuple[Appointment, Place]]:
    for other, appointment in state.appointments.items():
        if other != name and appointment.taken is not None:
            yield appointment, appointment.taken


def hindrance(state: State, plan: Plan, name: str, place: Place, chosen: Room | None = None) -> str:
    """The reason why an appointment may not take place somewhere; '' if it may.

    Args:
        name: of the appointment; its own place does not stand in its way.
        place: asked about; its escort is judged too.
    """
    asked = state.appointments[name].asked
    room = chosen or plan.room(place.room)
    if room is None or asked.kind not in room.kinds:
        return "no_such_room"
    person = state.persons.get(asked.subject)
    if person is None:
        return "left"
    if not room.screen and (stopped := _measure(state, plan, asked.kind, asked.subject, _span(place))):
        return stopped
    if asked.visitors > min(room.visitors, plan.areas[room.area].people):
        return "too_many_visitors"
    if place.starts not in plan.starts(asked.kind, place.starts, place.starts):
        return "closed_hours"
    if any(one.subject == asked.subject and overlap(_span(one), _span(place))
           for one in state.sessions.values()):  # fmt: skip
        return "interrogated"
    if any(one.room == room.zone and overlap(_span(one), _span(place)) for one in state.sessions.values()):
        return "room_taken"
    return _neighbours(state, plan, name, place, room) or _escort(state, plan, name, place)


def _measure(state: State, plan: Plan, kind: str, subject: str, span: Span) -> str:
    """The measure that stops a meeting of a kind in one room with the person."""
    block = state.persons[subject].block
    for one in sorted(state.measures.values(), key=lambda one: (one.starts, one.measure)):
        concerns = one.subject == subject if one.subject else one.block in ("", block)
        if concerns and kind not in plan.measures[one.kind] and overlap(_span(one), span):
            return one.kind
    return ""


def _neighbours(state: State, plan: Plan, name: str, place: Place, room: Room) -> str:
    """Others at the same time: in the room, with the person, in the waiting area."""
    asked = state.appointments[name].asked
    lead = plan.lead_minutes * MINUTE
    apart: dict[frozenset[str], int] = {}
    for order in state.apart.values():
        pair = frozenset((order.one, order.other))
        apart[pair] = max(order.ends, apart.get(pair, 0))
    waiting = []
    for other, taken in _others(state, name):
        if not overlap(_span(place, lead), _span(taken, lead)):
            continue
        near = plan.room(taken.room)
        if overlap(_span(place), _span(taken)):
            if taken.room == room.zone:
                return "room_taken"
            if other.asked.subject == asked.subject:
                return "person_taken"
        if near is None or near.area != room.area:
            continue
        if apart.get(frozenset((asked.subject, other.asked.subject)), 0) > max(place.starts, taken.starts) - lead:
            return "kept_apart"
        waiting.append((_span(taken, lead), other.asked.visitors))
    begin = place.starts - lead
    moments = {begin, *(span[0] for span, _ in waiting if span[0] > begin)}
    most = max(sum(people for span, people in waiting if span[0] <= at < span[1]) for at in moments)
    return "area_full" if most + asked.visitors > plan.areas[room.area].people else ""


def _escort(state: State, plan: Plan, name: str, place: Place) -> str:
    if not plan.kinds[state.appointments[name].asked.kind].escort:
        return ""
    return "" if place.escort in free_escorts(state, plan, name, place) else "no_escort"


def free_escorts(state: State, plan: Plan, name: str, place: Place) -> list[str]:
    """Officers who could accompany: in neither another meeting nor an interrogation at that time."""
    busy = {taken.escort for _, taken in _others(state, name) if overlap(_span(place), _span(taken))}
    for one in state.sessions.values():
        if overlap(_span(one), _span(place)):
            busy |= set(one.officers)
    return [officer for officer in plan.escorts if officer not in busy]
