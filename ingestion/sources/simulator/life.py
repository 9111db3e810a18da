"""The quiet life of a facility: what the programme, the posts and chance bring, without any incident."""

from __future__ import annotations

import itertools

from ingestion.contracts import content_id
from ingestion.sources.simulator.activities import (
    change_shift,
    escorted,
    hand_over,
    interrogate,
    outing,
    patrols,
    visit,
)
from ingestion.sources.simulator.movement import LYING, SITTING, Leg, Person
from ingestion.sources.simulator.programme import (
    ACTIVITIES,
    OUTING_EVERY_S,
    OUTING_S,
    OUTINGS,
    SESSIONS,
    within,
)
from ingestion.sources.simulator.stage import Stage

SESSION_EVERY_S = 900


def relieve(stage: Stage) -> None:
    """The changes of shift; planned before the incidents, which need to know who is there."""
    for at in stage.shift_changes():
        change_shift(stage, at)


def fill(stage: Stage) -> None:
    """Plan everything that happens around the incidents already in the diaries, then the time in between."""
    hand_over(stage)
    patrols(stage)
    _outings(stage)
    _sessions(stage)
    _medical_post(stage)
    _goods(stage)
    _calls(stage)
    _care(stage)
    _orders(stage)
    _hazard_checks(stage)
    for person in stage.people:
        _rest(stage, person)


def _outings(stage: Stage) -> None:
    cells = [cell for found in stage.plan.cells.values() for cell in found]
    turn, t = 0, 30.0
    while t < stage.end:
        end = t + OUTING_S + 4 * stage.walk_s
        if within(OUTINGS, stage.day_seconds(t), OUTING_S + 4 * stage.walk_s) and end < stage.end:
            officers = stage.pick(stage.escorts, t, end, 2)
            cell = cells[turn % len(cells)]
            if officers is not None and stage.take_room("YARD", t, end):
                outing(stage, cell, officers, t, OUTING_S)
                turn += 3  # the next one is of another block
                t += OUTING_EVERY_S
                continue
        t += 60


def _sessions(stage: Stage) -> None:
    """Interrogations, visits and consultations, in the rooms that incidents do not use."""
    kinds = ("interrogation", "lawyer", "medical", "family")
    t, n = 60.0, int(stage.rng.integers(4))
    while t < stage.end:
        length = float(stage.rng.uniform(400, 1100))
        end = t + length + 4 * stage.walk_s
        if end < stage.end and within(SESSIONS, stage.day_seconds(t), end - t):
            _session(stage, kinds[n % 4], t, t + 2 * stage.walk_s + length, end, n)
            n += 1
        t += SESSION_EVERY_S / 4


def _session(stage: Stage, kind: str, begin: float, until: float, end: float, n: int) -> None:
    block = list(stage.plan.cells)[n % 2]
    detainee = stage.pick(stage.detainees(block=block), begin, end)
    escort = stage.pick(stage.escorts, begin, end)
    if detainee is None or escort is None:
        return
    rooms = {"interrogation": ("I-1", "I-2"), "lawyer": ("M-1",), "family": ("M-2",), "medical": ("MED",)}[kind]
    room = next((r for r in rooms if stage.take_room(r, begin, end)), None)
    if room is None:
        return
    if kind == "interrogation":
        officers = stage.pick(stage.interrogators, begin, end, 2)
        if officers is not None:
            interrogate(stage, room, detainee[0], escort[0], officers, begin, until)
    elif kind == "medical":
        here = stage.plan.rooms["MED"]
        trip = escorted(
            stage, detainee[0], escort[0], "MED", here.at(2.5, 2), begin, min(until, begin + 500), here.at(5, 1)
        )
        common = {"subject": detainee[0].subject, "zone": "MED", "duty": "remote_consultation"}
        stage.post(trip.arrive + 10, "medical", "med-1", action="asked", due_at=stage.ms(trip.arrive + 900), **common)
        stage.post(trip.arrive + 70, "medical", "med-1", action="answered", **common)
    else:
        visit(stage, room, detainee[0], escort[0], kind, begin, until)


def _medical_post(stage: Stage) -> None:
    """Medication given in time, a round an hour, temperatures taken."""
    for n, person in enumerate(stage.detainees()):
        if n % 7 == 0:
            due = 300.0 + 40 * n
            # An order of its own, so that giving it does not answer for another dose that is due.
            common = {"subject": person.subject, "zone": person.cell, "duty": "medication", "order": f"dose-{n}"}
            stage.post(5 + n * 0.1, "medical", "med-1", action="due", due_at=stage.ms(due + 900), **common)
            stage.post(due, "medical", "med-1", action="done", **common)
        if n % 5 == 0:
            celsius = round(36.4 + 0.4 * float(stage.rng.random()), 1)
            stage.post(
                400 + 30 * n, "medical", "med-1", subject=person.subject, zone=person.cell, duty="temperature",
                action="done", temperature=celsius,
            )  # fmt: skip
    for block in stage.plan.cells:
        for hour in range(int(stage.end // 3600) + 1):
            due = hour * 3600 + 1200.0
            common = {"zone": f"C-{block}", "duty": "round"}
            stage.post(hour * 3600 + 6, "medical", "med-1", action="due", due_at=stage.ms(due + 600), **common)
            stage.post(due, "medical", "med-1", action="done", **common)


def _care(stage: Stage) -> None:
    """Assessments as they stand and as they are made, complaints and answers, a fever, a visitor who does not come."""
    rng = stage.scenario.rng("care", stage.place.facility)
    people = stage.detainees()
    feverish: dict[str, float] = {}  # block -> time of its last fever: one a day is life, three are a cluster
    for n in range(len(people)):
        if rng.random() < 0.85:
            result = str(rng.choice(["low", "moderate", "high"], p=[0.78, 0.17, 0.05]))
            _assess(stage, 3 + 0.05 * n, n, result)
    for hour in range(int(stage.end // 3600) + 1):
        t = hour * 3600.0
        chosen = [int(n) for n in rng.choice(len(people), min(5, len(people)), replace=False)]
        _assess(stage, t + 900 + float(rng.uniform(0, 1200)), chosen[0], str(rng.choice(["low", "moderate"])))
        for n in chosen[1:3]:
            asked = t + float(rng.uniform(200, 1500))
            about = str(rng.choice(["treatment", "health_care", "cell_mates", "food", "property", "procedure"]))
            complaint = {"complaint": f"K-{hour}-{n}", "subject": people[n].subject, "about": about}
            stage.post(asked, "complaint", "desk-1", action="filed", **complaint)
            if rng.random() < 0.5:
                stage.post(asked + float(rng.uniform(300, 1500)), "complaint", "desk-1", action="answered", **complaint)
        for n in chosen[3:4]:
            celsius = round(float(rng.uniform(37.4, 38.2)), 1)
            if t - feverish.get(people[n].block, -86_400.0) < 86_400.0:
                continue
            feverish[people[n].block] = t
            stage.post(t + 1700, "medical", "med-1", subject=people[n].subject, zone=people[n].cell, duty="temperature",
                       action="done", temperature=celsius)  # fmt: skip
        for n in chosen[4:5]:
            common = {"appointment": f"V-missed-{hour}", "subject": people[n].subject, "kind": "family", "zone": "M-2"}
            when = {"starts_at": stage.ms(t + 2400), "ends_at": stage.ms(t + 3000)}
            stage.post(t + 100, "visit", "visits-desk", action="book", **common, **when)
            stage.post(t + 2340, "visit", "visits-desk", action="no_show", **common)
        for n, rule in zip(chosen, ("programme_completed", "prohibited_goods", "good_month"), strict=False):
            _enter(stage, t + 600 + 300 * n % 1500, people[n], rule)
    if people:
        _enter(stage, 700, people[-1], "violence_against_staff")  # red is proposed, and waits for a named officer


def _enter(stage: Stage, t: float, person: Person, rule: str) -> None:
    """An officer enters a merit or demerit into the ledger of somebody's stay."""
    officer = stage.staff_of("D-1")[0].subject
    stage.post(
        t, "code_entry", "code-desk", entry=f"E-{content_id(person.subject, rule, t)[:8]}", stay=person.facts["stay"],
        subject=person.subject, action="enter", rule=rule, happened_at=stage.ms(t - 600), origin="officer_report",
        reference=f"R-{t:.0f}", by=officer,
    )  # fmt: skip


def _assess(stage: Stage, t: float, n: int, result: str) -> None:
    subject = stage.detainees()[n].subject
    stage.post(
        t, "assessment", "psych-1", assessment=f"A-{n}-{t:.0f}", subject=subject, method="interview", result=result,
        assessor=stage.staff_of("MED")[0].subject,
    )  # fmt: skip


def _goods(stage: Stage) -> None:
    """A booked delivery that is inspected, in-house shopping, tools and keys that are all counted in again."""
    for hour in range(int(stage.end // 3600) + 1):
        t = hour * 3600.0
        van = f"v{content_id(stage.place.facility, hour, 'van')[:10]}"
        booking = f"B-{content_id(van)[:8]}"
        until = stage.ms(t + 1800)
        stage.post(t + 20, "vehicle_goods", "gate-1", item=van, kind="vehicle", action="book", booking=booking,
                   ends_at=until)  # fmt: skip
        stage.post(t + 240, "vehicle_goods", "gate-1", item=van, kind="vehicle", action="enter", zone="VEH",
                   booking=booking, ends_at=until)  # fmt: skip
        goods = {"item": f"g{van[1:]}", "kind": "delivery", "zone": "VEH", "booking": booking}
        stage.post(t + 260, "vehicle_goods", "gate-1", action="enter", **goods)
        stage.post(t + 420, "vehicle_goods", "scanner-1", action="inspect", count=24, **goods)
        # The gate's two doors open one after the other.
        for door, opened in (("GATE/A", 236.0), ("GATE/B", 246.0), ("GATE/B", 1250.0), ("GATE/A", 1262.0)):
            gate = {"door": f"door-{door}", "zone": "GATE"}
            stage.post(t + opened, "access", f"door-{door}", action="open", **gate)
            stage.post(t + opened + 8, "access", f"door-{door}", action="close", **gate)
        shop = {"item": f"s{van[1:]}", "kind": "shopping", "zone": "VEH"}
        stage.post(t + 300, "vehicle_goods", "gate-1", action="enter", **shop)
        stage.post(t + 480, "vehicle_goods", "scanner-1", action="inspect", count=60, **shop)
        stage.post(t + 1260, "vehicle_goods", "gate-1", item=van, kind="vehicle", action="leave", zone="VEH",
                   booking=booking)  # fmt: skip
        # Nothing stays out over a change of shift.
        change = next((c - t for c in stage.shift_changes() if t < c < t + 2700), 2700.0)
        out, back = (90.0, min(2400.0, change - 240)) if change >= 600 else (change + 60, 2400.0)
        for item, kind in (("tools-kitchen", "tool"), ("keys-blocks", "key")):
            stage.post(t + out, "vehicle_goods", "store-1", item=item, kind=kind, action="count_out", count=12)
            stage.post(t + back, "vehicle_goods", "store-1", item=item, kind=kind, action="count_in", count=12)


def _orders(stage: Stage) -> None:
    """Co-accused are held in different cells; handcuffs are off again in time, once after an extension."""
    held = [stage.detainees(cell=cell) for cells in stage.plan.cells.values() for cell in cells]
    for n, (one, other) in enumerate(itertools.pairwise(held)):
        if n % 2 == 0 and one and other:
            names = {"subject": one[0].subject, "other": other[0].subject}
            stage.post(
                1.0, "non_association", "register", order=f"na-{n}", action="impose", reason="same_case", **names
            )
    for n, person in enumerate(stage.detainees()[3:5]):
        common = {"order": f"restraint-{n}", "subject": person.subject, "restraint": "handcuffs"}
        stage.post(120, "restraint", "register", action="apply", ends_at=stage.ms(420), **common)
        if n == 1:
            stage.post(400, "restraint", "register", action="extend", ends_at=stage.ms(900), **common)
        stage.post(410 + 400 * n, "restraint", "register", action="remove", **common)


def _calls(stage: Stage) -> None:
    """Intercom calls that are answered within seconds, wind on the fence."""
    t = 45.0
    while t < stage.end - 60:
        blocks = [b for b, cells in stage.plan.cells.items() if cells]
        block = blocks[int(stage.rng.integers(len(blocks)))]
        cell = stage.plan.cells[block][int(stage.rng.integers(len(stage.plan.cells[block])))]
        post = f"P-{block}"
        stage.post(t, "terminal", f"intercom-{cell}", action="call", post=post, zone=cell)
        answer = t + float(stage.rng.uniform(4, 20))
        stage.post(answer, "terminal", f"intercom-{cell}", action="answered", post=post, zone=cell)
        fence = ("PER-N", "PER-E", "PER-S", "PER-W")[int(stage.rng.integers(4))]
        strength = round(float(stage.rng.uniform(0.05, 0.2)), 2)
        stage.post(t + 30, "perimeter", f"fence-{fence}", zone=fence, action="vibration", strength=strength)
        stage.post(t + 33, "perimeter", f"fence-{fence}", zone=fence, action="restored", strength=0.0)
        t += float(stage.rng.exponential(180)) + 20


def _hazard_checks(stage: Stage) -> None:
    """A check for hazards an hour, done before it is due."""
    for hour in range(int(stage.end // 3600) + 1):
        t = hour * 3600.0
        check = {"order": f"check-{stage.ms(t)}", "kind": "hazard_check"}
        stage.post(t + 30, "emergency", "command", action="open", due_at=stage.ms(t + 3000), **check)
        stage.post(t + 2000, "emergency", "command", action="close", **check)


def _rest(stage: Stage, person: Person) -> None:
    """Fill the gaps of a diary with life at the person's own place."""
    person.legs.sort(key=lambda leg: leg.t[0])
    begin, last = person.present[0], min(person.present[1], stage.end + 1)
    gaps = []
    for leg in person.legs:
        gaps.append((begin, leg.t[0]))
        begin = leg.end
    gaps.append((begin, last))
    for a, b in gaps:
        if b - a > 1e-6:
            person.legs.append(_rest_leg(stage, person, a, b))


def _posture(stage: Stage, person: Person, t: float) -> int:
    if person.bed is None:
        return SITTING
    _, on_edge, in_aisle = stage.activity(t)
    return on_edge if person.home_zone.endswith("/bed") else in_aisle


def _rest_leg(stage: Stage, person: Person, begin: float, end: float) -> Leg:
    changes = sorted(t for activity in ACTIVITIES for t in stage.times_of_day(activity[0]) if begin < t < end)
    leg = Leg.at(begin, stage.home(person, begin)[0], _posture(stage, person, begin))
    while leg.end < end:
        here = stage.home(person, leg.end)[0]
        if leg.place != here:
            leg.walk([here], 0.7)
        change = next((t for t in changes if t > leg.end), end)
        pause = leg.end + float(stage.rng.uniform(60, 200))
        leg.be(_posture(stage, person, leg.end))
        if pause > change:
            # Not all rise or lie down in the same second.
            leg.stay(min(change + float(stage.rng.uniform(0, 5)), end))
            continue
        leg.stay(pause)
        if leg.states[-1][1] != LYING and leg.end + 120 < change and stage.activity(leg.end)[0] != "roll_call":
            _small_walk(stage, person, leg)
    return leg


def _small_walk(stage: Stage, person: Person, leg: Leg) -> None:
    """A step or two and back; now and then a detainee goes to the toilet of the cell."""
    home = leg.place
    if person.cell is not None and stage.rng.random() < 0.04:
        wc, t = f"{person.cell}/wc", leg.end
        if stage.take_room(wc, t, t + 90):
            room = stage.plan.rooms[wc]
            leg.walk([room.at(1.2, 0.5)], 0.8).stay(leg.end + float(stage.rng.uniform(20, 60)))
            leg.walk([home], 0.8)
            return
    dx, dy = stage.rng.uniform(-0.25, 0.25, 2)
    aside = (home[0] + float(dx), home[1] + float(dy))
    leg.walk([aside], 0.5).stay(leg.end + float(stage.rng.uniform(3, 15))).walk([home], 0.5)
