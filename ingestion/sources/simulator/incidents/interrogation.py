"""Incidents in interrogation rooms."""

from __future__ import annotations

from typing import Any

from ingestion.sources.simulator.activities import Trip, beside_door, go_home, interrogate
from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.movement import Person
from ingestion.sources.simulator.programme import HOUR, within
from ingestion.sources.simulator.stage import Stage

ROOMS = ("I-3", "I-2", "I-1")
SESSION_S = 240.0
WHOLE_S = 620.0
"""An interrogation with all its ways."""
REST_HOURS = ("00:00", "08:00")
"""22:00 to 06:00, two hours on, so that midnight does not cut them."""


def _session(
    stage: Stage, begin: float, block: str = "A", length: float = SESSION_S, spare: int = 0, **how: Any
) -> tuple[str, Trip, float, Person, list[Person]] | None:
    """Stage a session: room, trip, end, detainee and ``spare`` more officers with time; None where it does not fit.

    ``away`` in ``how`` is given in seconds after the detainee's latest arrival.
    """
    until = begin + 3 * stage.walk_s + length
    end = until + 3 * stage.walk_s
    detainee = stage.pick(stage.detainees(block=block), begin, end)
    escort = stage.pick(stage.escorts, begin, end)
    officers = stage.pick([o for o in stage.interrogators if o.sex == "male"], begin, end, 2)
    if detainee is None or escort is None or officers is None:
        return None
    more = stage.pick([p for p in stage.escorts if p is not escort[0]], begin, end, spare) if spare else []
    room = next((r for r in ROOMS if more is not None and stage.take_room(r, begin, end)), None)
    if room is None or more is None:
        return None
    if "away" in how:
        how["away"] = tuple(begin + 3 * stage.walk_s + t for t in how["away"])
    trip = interrogate(stage, room, detainee[0], escort[0], officers, begin, until, **how)
    return room, trip, until, detainee[0], more


@incident("int-01", WHOLE_S)
def officer_leaves_interrogation(stage: Stage, begin: float) -> bool:
    """The second officer goes out for a minute and a half while the session goes on."""
    found = _session(stage, begin, away=(60, 150))
    if found is None:
        return False
    left = begin + 3 * stage.walk_s + 60
    stage.expect("int-01", "officer_leaves_interrogation", found[0], [], left + 2, left + 91)
    return True


@incident("int-02", WHOLE_S)
def interrogation_without_booking(stage: Stage, begin: float) -> bool:
    """A detainee is questioned, and no system knows of a session."""
    found = _session(stage, begin, booked=False)
    if found is None:
        return False
    stage.expect("int-02", "interrogation_without_booking", found[0], [], found[1].arrive, found[2])
    return True


@incident("int-03", 4 * 3600 + 900)
def interrogation_over_time(stage: Stage, begin: float) -> bool:
    """A session goes on for more than four hours without a rest."""
    found = _session(stage, begin, length=4 * 3600 + 300.0)
    if found is None:
        return False
    stage.expect("int-03", "interrogation_over_time", found[0], [], found[1].arrive + 4 * 3600, found[2])
    return True


@incident("int-04", WHOLE_S)
def interrogation_at_night(stage: Stage, begin: float) -> bool:
    """A session in rest hours, without approval."""
    if not within((REST_HOURS,), (stage.day_seconds(begin) + 2 * HOUR) % 86_400, WHOLE_S):
        return False
    found = _session(stage, begin, approved=False)
    if found is None:
        return False
    stage.expect("int-04", "interrogation_at_night", found[0], [], found[1].arrive + 3, found[2] - 3)
    return True


@incident("int-05", WHOLE_S)
def recorder_stops(stage: Stage, begin: float) -> bool:
    """The recorder is down for half a minute while the session goes on."""
    found = _session(stage, begin)
    if found is None:
        return False
    room, trip, _, detainee, _ = found
    down = trip.arrive + 90
    common = {"zone": room, "session": "recorder", "subject": detainee.subject}
    session = next(p.fields["session"] for p in reversed(stage.posted) if p.fields.get("zone") == room)
    common["session"] = session
    stage.post(down, "interrogation", f"rec-{room}", action="recorder_down", **common)
    stage.post(down + 30, "interrogation", f"rec-{room}", action="recorder_up", **common)
    stage.expect("int-05", "recorder_stops", room, [], down, down + 30)
    return True


@incident("int-06", WHOLE_S)
def detainee_left_alone(stage: Stage, begin: float) -> bool:
    """Both officers go out for two minutes; the session rests."""
    found = _session(stage, begin, away=(60, 180), away_all=True)
    if found is None:
        return False
    left = begin + 3 * stage.walk_s + 60
    stage.expect("int-06", "detainee_left_alone", found[0], [], left + 2, left + 121)
    return True


@incident("int-07", WHOLE_S)
def uninvited_officer(stage: Stage, begin: float) -> bool:
    """A third officer, who is not on the booking, comes in for a minute."""
    found = _session(stage, begin, spare=1)
    if found is None:
        return False
    room, _, _, _, (officer,) = found
    plan = stage.plan
    leg = stage.start_leg(officer, begin + stage.walk_s)
    leg.walk(plan.way(leg.place, officer.home_zone, beside_door(stage, room), "HALL")[1:])
    leg.stay(begin + 3 * stage.walk_s + 40)
    spot = plan.rooms[room].at(5.2, 2.5)
    inside = leg.walk(plan.way(leg.place, "HALL", spot, room)[1:]).end
    leg.stay(inside + 60)
    go_home(stage, officer, leg, room)
    stage.expect("int-07", "uninvited_officer", room, [], inside, inside + 60)
    return True


@incident("int-08", WHOLE_S)
def woman_without_female_staff(stage: Stage, begin: float) -> bool:
    """The booking asks for female staff, and two men question a woman alone."""
    found = _session(stage, begin, block="W", companion="female_staff")
    if found is None:
        return False
    stage.expect("int-08", "woman_without_female_staff", found[0], [], found[1].arrive + 3, found[2] - 3)
    return True
