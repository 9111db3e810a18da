"""What people do together: escorted ways, interrogations, visits, outings, patrols, changes of shift.

Each function writes legs into the diaries of those who take part and posts the systems' events.
Times are seconds after the start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.contracts import content_id
from ingestion.sources.simulator.movement import SITTING, WALK_MPS, Leg, Person
from ingestion.sources.simulator.plan import Point
from ingestion.sources.simulator.programme import ROUNDS, is_night
from ingestion.sources.simulator.stage import Stage

BEHIND_S = 0.9
"""An escort walks this much behind, about a metre."""
DWELL_S = 9.0
"""A patrol's stay at a cell."""


def _seconds(points: list[Point]) -> float:
    """Time that a way takes at walking speed."""
    corners = np.array(points)
    return float(np.hypot(*np.diff(corners, axis=0).T).sum()) / WALK_MPS


@dataclass(frozen=True)
class Trip:
    """An escorted way: arrival in the room, return to the cell, and the time the escort is home again."""

    arrive: float
    back: float
    end: float


def go_home(stage: Stage, person: Person, leg: Leg, zone: str) -> None:
    """End a leg at the person's own place and write it into the diary."""
    home, home_zone = stage.home(person, leg.end + stage.walk_s / 2)
    leg.walk(stage.plan.way(leg.place, zone, home, home_zone)[1:])
    person.legs.append(leg)


def beside_door(stage: Stage, room: str, along: float = 0.0) -> Point:
    """A place in the hall opposite a room's door."""
    door_y = max(stage.plan.rooms[room].way_out[0][1], stage.plan.rooms["HALL"].y0 + 0.6)
    return stage.plan.hall_x + 0.9, door_y + along


def escorted(
    stage: Stage,
    detainee: Person,
    escort: Person,
    room: str,
    spot: Point,
    begin: float,
    until: float,
    inside: Point | None = None,
) -> Trip:
    """A detainee goes to a room and back with an escort who waits in the hall, or at ``inside`` in the room."""
    plan = stage.plan
    assert detainee.cell is not None
    corridor, front = f"C-{detainee.block}", plan.door_side(detainee.cell)
    officer = stage.start_leg(escort, begin)
    officer.walk(plan.way(officer.place, escort.home_zone, front, corridor)[1:])
    called = officer.end

    person = Leg.at(called, stage.home(detainee, called)[0])
    home, home_zone = stage.home(detainee, called)
    way = plan.way(home, home_zone, spot, room)
    person.walk(way[1:])
    arrive = person.end
    wait, wait_zone = (inside, room) if inside is not None else (beside_door(stage, room), "HALL")
    officer.stay(called + _seconds(way[:3]) + BEHIND_S)
    officer.walk(plan.way(front, corridor, wait, wait_zone)[1:])
    waited = officer.place

    person.be(SITTING).stay(until)
    home, home_zone = stage.home(detainee, until + stage.walk_s / 2)
    way = plan.way(spot, room, home, home_zone)
    person.walk(way[1:])
    detainee.legs.append(person)
    officer.stay(until + _seconds(way[:3]) + BEHIND_S)
    officer.walk(plan.way(waited, wait_zone, front, corridor)[1:])
    officer.stay(person.end + 2)
    go_home(stage, escort, officer, corridor)
    return Trip(arrive, person.end, escort.legs[-1].end)


def interrogate(
    stage: Stage,
    room: str,
    detainee: Person,
    escort: Person,
    officers: list[Person],
    begin: float,
    until: float,
    away: tuple[float, float] | None = None,
    away_all: bool = False,
    booked: bool = True,
    companion: str = "none",
    approved: bool = True,
) -> Trip:
    """An interrogation with two officers in the room, from before the detainee comes until after they left.

    ``away`` (from, to) lets the second officer out of the room in between, with ``away_all`` both,
    and the session rests. Without ``booked`` no system knows of the session. ``approved`` sessions may
    be at night.
    """
    plan = stage.plan
    session = f"S-{content_id(stage.place.facility, room, begin)[:8]}"
    seats = [plan.rooms[room].at(4.2, 1.5), plan.rooms[room].at(4.2, 3.5)]
    legs = []
    for officer, seat in zip(officers, seats, strict=True):
        leg = stage.start_leg(officer, begin)
        leg.walk(plan.way(leg.place, officer.home_zone, seat, room)[1:]).be(SITTING)
        legs.append(leg)
    ready = max(leg.end for leg in legs)
    trip = escorted(stage, detainee, escort, room, plan.rooms[room].at(1.5, 2.5), ready, until)
    if away is not None:
        for number in (0, 1) if away_all else (1,):
            out = beside_door(stage, room, -1.2 - number)
            legs[number].stay(away[0]).walk(plan.way(seats[number], room, out, "HALL")[1:])
            legs[number].stay(away[1]).walk(plan.way(out, "HALL", seats[number], room)[1:]).be(SITTING)
    for officer, leg in zip(officers, legs, strict=True):
        leg.stay(until + 30)
        go_home(stage, officer, leg, room)
    names = [o.subject for o in officers]
    if not booked:
        return trip
    common = {
        "zone": room,
        "session": session,
        "subject": detainee.subject,
        "officers": names,
        "companion": companion,
        "approved_at_night": approved and is_night(stage.day_seconds(begin)),
    }
    when = {"starts_at": stage.ms(trip.arrive), "ends_at": stage.ms(until + 600)}
    device = f"case-{room}"
    stage.post(max(1.0, begin - 120), "interrogation", device, action="book", **common, **when)
    stage.post(trip.arrive + 3, "interrogation", device, action="open", **common, **when)
    stage.post(trip.arrive + 4, "interrogation", f"rec-{room}", action="recorder_up", **common)
    if away is not None and away_all:
        stage.post(away[0] - 1, "interrogation", device, action="rest", **common)
        stage.post(away[1] + 8, "interrogation", device, action="resume", **common)
    stage.post(until - 3, "interrogation", device, action="close", **common)
    return trip


def visitor(stage: Stage, role: str, room: str, spot: Point, begin: float, until: float) -> float:
    """Somebody from outside comes through the gate, sits in a room and leaves; returns the time of arrival."""
    plan = stage.plan
    gate = plan.rooms["GATE"].at(3.5, 1.0)
    leg = Leg.at(begin, gate).walk(plan.way(gate, "GATE", spot, room)[1:])
    arrive = leg.end
    leg.be(SITTING).stay(until).walk(plan.way(spot, room, gate, "GATE")[1:])
    stage.people.append(Person(None, role, "unknown", gate, "GATE", present=(begin, leg.end), legs=[leg]))
    return arrive


def visit(
    stage: Stage,
    room: str,
    detainee: Person,
    escort: Person,
    kind: str,
    begin: float,
    until: float,
    booked_until: float | None = None,
    distance: float = 1.8,
) -> Trip:
    """A lawyer's meeting (nobody else in the room) or a family visit (the escort stays in the room)."""
    here = stage.plan.rooms[room]
    inside = here.at(5.0, 0.8) if kind == "family" else None
    visitor(stage, "lawyer" if kind == "lawyer" else "visitor", room, here.at(1.0 + distance, 2.5), begin, until + 30)
    trip = escorted(stage, detainee, escort, room, here.at(1.0, 2.5), begin, until, inside)
    appointment = f"V-{content_id(stage.place.facility, room, begin)[:8]}"
    common: dict[str, object] = {"appointment": appointment, "subject": detainee.subject, "kind": kind, "zone": room}
    common["no_contact"] = kind == "family"
    when = {
        "starts_at": stage.ms(trip.arrive),
        "ends_at": stage.ms(until + 60 if booked_until is None else booked_until),
    }
    device = f"visits-{stage.place.facility}"
    stage.post(max(1.0, begin - 240), "visit", device, action="request", **common)
    stage.post(max(2.0, begin - 180), "visit", device, action="book", **common, **when)
    stage.post(trip.arrive + 2, "visit", device, action="open", **common, **when)
    stage.post(until, "visit", device, action="close", **common)
    return trip


def outing(stage: Stage, cell: str, officers: list[Person], begin: float, seconds: float) -> float:
    """A cell goes to the yard in single file, an officer first and one last; returns the end."""
    plan = stage.plan
    file = [p for p in stage.detainees(cell=cell) if stage.free(p, begin, begin + seconds + 4 * stage.walk_s)]
    front, corridor = plan.door_side(cell), f"C-{plan.rooms[cell].block}"
    yard = plan.rooms["YARD"]
    legs = []
    for officer in officers:
        leg = stage.start_leg(officer, begin)
        leg.walk(plan.way(leg.place, officer.home_zone, front, corridor)[1:])
        legs.append(leg)
    called = max(leg.end for leg in legs) + 2
    out_until = called + stage.walk_s + seconds
    first, last = called, called
    homes = []
    for n, person in enumerate(file):
        home, home_zone = stage.home(person, called)
        spot = yard.at(4.0 + 5.0 * (n % 6), 8.0)
        way = plan.way(home, home_zone, spot, "YARD")
        # Everybody steps into the corridor 1.6 s after the one before, whatever the way to the door.
        start = called + 6 + 1.6 * n - _seconds(way[:3])
        leg = Leg.at(start, home).walk(way[1:])
        last = max(last, start + _seconds(way[:3]))
        if n == 0:
            # Running is sport in the yard: rounds of a rectangle at 3.4 m/s.
            corners = [yard.at(2, 2), yard.at(34, 2), yard.at(34, 5), yard.at(2, 5), yard.at(2, 2)]
            leg.walk([*corners, spot], 1.1 if seconds < 120 else 3.4)
        while leg.end < out_until - 20:
            aside = spot[0] + float(stage.rng.uniform(-1.2, 1.2)), spot[1] + float(stage.rng.uniform(-4, 4))
            leg.walk([aside], 0.8).stay(leg.end + float(stage.rng.uniform(2, 15)))
        leg.walk([spot]).stay(out_until + 1.6 * n)
        homes.append((person, leg, home, home_zone))
    legs[0].stay(first).walk(plan.way(front, corridor, yard.at(12, 1), "YARD")[1:])
    legs[1].stay(last + 2).walk(plan.way(front, corridor, yard.at(10, 1), "YARD")[1:])
    # The first officer goes ahead of the first detainee through the yard's door, the other behind the last.
    passing = [leg.end + _seconds([leg.place, yard.way_out[0]]) for _, leg, _, _ in homes] or [out_until]
    end = out_until
    for person, leg, home, home_zone in homes:
        leg.walk(plan.way(leg.place, "YARD", home, home_zone)[1:])
        end = max(end, leg.end)
        person.legs.append(leg)
    for leg, leaving in ((legs[0], min(passing) - 4), (legs[1], max(passing) + 1)):
        leg.stay(leaving).walk(plan.way(leg.place, "YARD", front, corridor)[1:]).stay(end + 3)
    for officer, leg in zip(officers, legs, strict=True):
        go_home(stage, officer, leg, corridor)
    return end


def patrol(stage: Stage, officer: Person, block: str, round_: str, begin: float) -> None:
    """An officer walks along a block's cells and checks in at each; cells in ``skipped_visits`` are left out."""
    plan, corridor = stage.plan, f"C-{block}"
    leg = stage.start_leg(officer, begin)
    at, zone = leg.place, officer.home_zone
    for cell in plan.cells[block]:
        if (round_, cell) in stage.skipped_visits:
            continue
        front = plan.door_side(cell)
        leg.walk(plan.way(at, zone, front, corridor)[1:])
        device = f"patrol-{cell}"
        stage.post(leg.end, "patrol", device, zone=cell, officer=officer.subject, action="arrive", round=round_)
        leg.stay(leg.end + stage.hasty_rounds.get((round_, block), DWELL_S))
        stage.post(leg.end, "patrol", device, zone=cell, officer=officer.subject, action="leave", round=round_)
        at, zone = front, corridor
    go_home(stage, officer, leg, zone)


def patrols(stage: Stage) -> None:
    """All rounds of the plan, by the officer of each block."""
    for round_ in ROUNDS:
        for begin in stage.times_of_day(round_):
            for block, officer in stage.patrols.items():
                if stage.plan.cells[block]:
                    patrol(stage, officer, block, round_, begin + 5)


def change_shift(stage: Stage, at: float) -> None:
    """Control room and posts are relieved: the new officers come first, the old ones leave after a handover.

    What the terminals say of the handover is posted by :func:`hand_over`, once the incidents are known.
    """
    plan = stage.plan
    gate = plan.rooms["GATE"].at(3.5, 2.0)
    zones = ["CTL", *(f"P-{block}" for block in plan.cells)]
    n = 0
    for zone in zones:
        for old in [
            p for p in stage.staff_of(zone) if p.present[1] > at and (p.present[0] <= 0 or p.present[0] < at - 900)
        ]:
            come, leave = max(20.0, at - 300) + 6 * n, at + 240 + 8 * n
            n += 1
            if not stage.free(old, come, leave + 2 * stage.walk_s):
                continue
            along, deep = old.home[0] - plan.rooms[zone].x0, old.home[1] - plan.rooms[zone].y0
            # Two places in turn, so that the next in line does not end up behind the wall some shifts later.
            offset = (along, deep + (1.2 if deep < 2 else -1.2))
            female = old.sex == "female"
            new = stage.add_officer(zone, offset, female=female, present=(come, float("inf")))
            leg = Leg.at(come, gate).walk(plan.way(gate, "GATE", new.home, zone)[1:])
            new.legs.append(leg)
            duty = {"shift": new.shift, "post": zone, "officer": new.subject, "zone": zone}
            when = {"starts_at": stage.ms(at), "ends_at": stage.ms(at + 8 * 3600)}
            stage.post(1, "duty", "roster", action="plan", **duty, **when)
            stage.post(leg.end + 5, "duty", f"terminal-{zone}", action="sign_on", **duty)
            stage.post(leg.end + 5, "person", "roster", **person_fields(new, present=True))
            handed = max(leg.end, at) + 60
            stage.handovers.append((handed, zone, old.subject or ""))
            stage.post(
                handed + 6,
                "duty",
                f"terminal-{zone}",
                action="sign_off",
                shift=old.shift,
                post=zone,
                officer=old.subject,
                zone=zone,
            )
            leave = max(leave, handed + 20)
            out = stage.start_leg(old, leave).walk(plan.way(old.home, zone, gate, "GATE")[1:])
            old.legs.append(out)
            old.present = (old.present[0], out.end)
            stage.post(out.end, "person", "roster", **person_fields(old, present=False))


def hand_over(stage: Stage) -> None:
    """The outgoing officers hand over and sign off at the post's terminal."""
    for at, zone, officer in stage.handovers:
        if zone not in stage.no_handover:
            for after, action in ((0, "handover"), (5, "sign_off")):
                stage.post(at + after, "terminal", f"terminal-{zone}", action=action, post=zone, officer=officer)


def person_fields(person: Person, *, present: bool) -> dict[str, object]:
    """Fields of the person's context."""
    return {
        "subject": person.subject,
        "role": person.role,
        "present": present,
        "sex": person.sex,
        "minor": person.minor,
        "block": person.block,
        "cell": person.cell,
        **person.facts,
    }
