"""Incidents in cells."""

from __future__ import annotations

from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.movement import ABRUPT, CLIMBING, COVERED, LYING, SITTING, STANDING, STILL, Leg, Person
from ingestion.sources.simulator.plan import Point
from ingestion.sources.simulator.programme import GATHERINGS, is_night
from ingestion.sources.simulator.stage import Stage


@incident("cel-01", 60)
def fight(stage: Stage, begin: float) -> bool:
    """Two cell mates go for each other for ten seconds, both moving abruptly."""
    for cell in stage.plan.cells["A"] + stage.plan.cells["B"]:
        pair = stage.pick(stage.detainees(cell=cell), begin, begin + 60, 2)
        if pair is None:
            continue
        (ax, ay), (bx, by) = (stage.home(p, begin)[0] for p in pair)
        length = max(0.1, ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5)
        near = (bx - 0.6 * (bx - ax) / length, by - 0.6 * (by - ay) / length)
        a, b = (stage.start_leg(p, begin) for p in pair)
        a.walk([near])
        clash, over = a.end, a.end + 10
        b.stay(clash)
        for leg, (x, y) in ((a, near), (b, (bx, by))):
            leg.be(STANDING, ABRUPT)
            while leg.end < over - 0.5:
                leg.t += [leg.end + 0.25, leg.end + 0.5]
                leg.x += [x + 0.1, x]
                leg.y += [y, y]
            leg.stay(over).be(STANDING)
        a.walk([(ax, ay)])
        for person, leg in zip(pair, (a, b), strict=True):
            person.legs.append(leg)
        stage.expect("cel-01", "fight", pair[0].cell or "", pair, clash, over)
        return True
    return False


@incident("cel-06", 120)
def person_down(stage: Stage, begin: float) -> bool:
    """Somebody lies on the cell's floor for a minute."""
    floor = [p for p in stage.detainees() if not p.home_zone.endswith("/bed")]
    found = stage.pick(floor, begin, begin + 90)
    if found is None:
        return False
    person = found[0]
    leg = stage.start_leg(person, begin)
    leg.walk([person.home])
    down = leg.end
    leg.be(LYING).stay(down + 60).walk([stage.home(person, begin + 90)[0]])
    person.legs.append(leg)
    stage.expect("cel-06", "person_down", person.home_zone, [person], down, down + 60)
    return True


@incident("cel-03", 120)
def crowd(stage: Stage, begin: float) -> bool:
    """Five cell mates stand around one spot for a minute, at a time at which nothing brings them together."""
    if any(stage.activity(t)[0] in GATHERINGS for t in (begin, begin + 100)):
        return False
    for cell in stage.plan.cells["B"] + stage.plan.cells["A"]:
        people = stage.pick(stage.detainees(cell=cell), begin, begin + 100, 5)
        if people is None:
            continue
        room = stage.plan.rooms[cell]
        over = begin + 72
        for n, person in enumerate(people):
            leg = stage.start_leg(person, begin)
            leg.walk([room.at(2.7 + 0.7 * (n % 2), 2.3 + 0.75 * (n // 2))]).stay(over)
            leg.walk([stage.home(person, over)[0]])
            person.legs.append(leg)
        stage.expect("cel-03", "crowd", cell, [], begin + 3, over)
        return True
    return False


def _alone(stage: Stage, begin: float, seconds: float, floor_only: bool = False) -> Person | None:
    """Somebody with time whose place is in the aisle, or anywhere; not where the camera goes down."""
    watched = [p for p in stage.detainees() if p.cell not in stage.plan.cells["A"][-1:]]
    people = [p for p in watched if not floor_only or not p.home_zone.endswith("/bed")]
    found = stage.pick(people, begin, begin + seconds + 30)
    return None if found is None else found[0]


def _there_and_back(stage: Stage, person: Person, begin: float, spot: Point, seconds: float, posture: int) -> Leg:
    """Walk to a spot of the cell, stay there in a posture, walk back."""
    leg = stage.start_leg(person, begin)
    leg.walk([spot], 0.8).be(posture).stay(leg.end + seconds)
    leg.walk([stage.home(person, leg.end)[0]], 0.8)
    person.legs.append(leg)
    return leg


@incident("cel-04", 1060)
def stays_in_the_toilet(stage: Stage, begin: float) -> bool:
    """Somebody does not come out of the toilet for seventeen minutes."""
    person = _alone(stage, begin, 1040)
    if person is None or not stage.take_room(f"{person.cell}/wc", begin, begin + 1060):
        return False
    zone = f"{person.cell}/wc"
    leg = _there_and_back(stage, person, begin, stage.plan.rooms[zone].at(1.2, 0.5), 1020, STANDING)
    stage.expect("cel-04", "stays_in_the_toilet", zone, [person], leg.t[1], leg.t[-2])
    stage.expect_out_of_bed("stays_in_the_toilet", zone, person, begin, leg.end)
    return True


@incident("cel-05", 60)
def climbs(stage: Stage, begin: float) -> bool:
    """Somebody climbs up at the cell's wall for ten seconds."""
    person = _alone(stage, begin, 30, floor_only=True)
    if person is None or person.cell is None:
        return False
    leg = _there_and_back(stage, person, begin, stage.plan.rooms[person.cell].at(4.3, 3.6), 10, CLIMBING)
    stage.expect("cel-05", "climbs", person.cell, [person], leg.t[-2] - 10, leg.t[-2])
    return True


@incident("cel-07", 800)
def up_at_night(stage: Stage, begin: float) -> bool:
    """Somebody stands in the aisle for twelve minutes in the night."""
    if not (stage.in_bed_hours(begin) and stage.in_bed_hours(begin + 720)):
        return False
    person = _alone(stage, begin, 730)
    if person is None or person.cell is None:
        return False
    leg = _there_and_back(stage, person, begin, stage.plan.rooms[person.cell].at(3.4, 3.3), 720, STANDING)
    stage.expect_out_of_bed("up_at_night", person.cell, person, begin, leg.end)
    return True


@incident("cel-08", 740)
def no_sign_of_life(stage: Stage, begin: float) -> bool:
    """Somebody sits in the aisle for twelve minutes without any movement; at night people are in bed."""
    if is_night(stage.day_seconds(begin)) or is_night(stage.day_seconds(begin + 740)):
        return False
    person = _alone(stage, begin, 700, floor_only=True)
    if person is None:
        return False
    leg = stage.start_leg(person, begin)
    leg.be(SITTING, STILL).stay(begin + 700)
    person.legs.append(leg)
    # The last small movement may lie up to ten seconds before.
    stage.expect("cel-08", "no_sign_of_life", person.home_zone, [person], begin + 590, begin + 700)
    return True


@incident("cel-09", 420)
def covers_the_head(stage: Stage, begin: float) -> bool:
    """Somebody lies in bed with the head under the cover for six minutes."""
    person = _alone(stage, begin, 390)
    if person is None or person.bed is None:
        return False
    leg = _there_and_back(stage, person, begin, person.bed, 360, COVERED)
    stage.expect("cel-09", "covers_the_head", f"{person.cell}/bed", [person], leg.t[-2] - 360, leg.t[-2])
    return True


@incident("cel-13", 130)
def separated_in_one_cell(stage: Stage, begin: float) -> bool:
    """Two cell mates turn out to be co-accused and stay in one cell until the order is lifted two minutes later."""
    for cell in stage.plan.cells["A"] + stage.plan.cells["B"]:
        pair = stage.pick(stage.detainees(cell=cell), begin, begin + 125, 2)
        if pair is None:
            continue
        names = {"subject": pair[0].subject, "other": pair[1].subject, "reason": "same_case"}
        for person in pair:
            person.legs.append(stage.start_leg(person, begin).be(SITTING).stay(begin + 120))
        for after, action in ((0, "impose"), (120, "lift")):
            stage.post(begin + after, "non_association", "register", order=f"na-{cell}", action=action, **names)
        stage.expect("cel-13", "separated_in_one_cell", cell, pair, begin, begin + 120)
        return True
    return False
