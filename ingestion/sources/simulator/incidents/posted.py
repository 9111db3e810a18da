"""Incidents that a system reports by itself: a table of the events it posts and what should follow.

Texts in braces are filled in: a detainee and the cell, an officer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingestion.sources.simulator.activities import person_fields
from ingestion.sources.simulator.incidents.kinds import KINDS, Kind, incident
from ingestion.sources.simulator.stage import Stage

Step = tuple[float, str, str, dict[str, Any]]
"""(seconds after the begin, event type, device, fields)."""


@dataclass(frozen=True)
class Reported:
    """An incident that needs nobody to move.

    ``expect`` is the span (seconds after the begin) in which the rule's condition holds; fields
    named ``*_at`` are given in seconds after the begin.
    """

    name: str
    rule: str
    zone: str
    steps: tuple[Step, ...]
    expect: tuple[float, float]
    of_person: bool = False


def _air(zone: str, **fields: Any) -> tuple[Step, ...]:
    """A second sensor of a room speaks for a hundred seconds, and is content again after them."""
    device = f"air-extra-{zone}"
    calm = (100.0, "environment", device, {"zone": zone, "temperature": 22.0, "co2": 640.0})
    return (*((10.0 * n, "environment", device, {"zone": zone, **fields}) for n in range(10)), calm)


def _emergency(second: float, order: str, kind: str, action: str, **fields: Any) -> Step:
    return (second, "emergency", "command", {"order": order, "kind": kind, "action": action, **fields})


def _gate(second: float, door: str, action: str) -> Step:
    return (second, "access", f"door-GATE/{door}", {"door": f"door-GATE/{door}", "zone": "GATE", "action": action})


def _goods(second: float, item: str, kind: str, action: str, **fields: Any) -> Step:
    return (second, "vehicle_goods", "gate-1", {"item": item, "kind": kind, "action": action, **fields})


def _medical(second: float, duty: str, action: str, **fields: Any) -> Step:
    return (second, "medical", "med-1", {"duty": duty, "action": action, "subject": "{detainee}", **fields})


_CUFFS = {"order": "restraint-late", "subject": "{detainee}", "restraint": "handcuffs"}

REPORTED = (
    Reported(
        "perimeter_crossed",
        "per-01",
        "PER-E",
        ((0, "perimeter", "fence-PER-E", {"zone": "PER-E", "action": "crossing", "direction": "out"}),),
        (0, 5),
    ),
    Reported(
        "both_gate_doors_open",
        "per-02",
        "GATE",
        (_gate(0, "A", "open"), _gate(3, "B", "open"), _gate(15, "B", "close"), _gate(18, "A", "close")),
        (3, 15),
    ),
    Reported(
        "tailgating",
        "per-03",
        "C-A",
        (
            (0, "access", "door-C-A", {"door": "door-C-A", "zone": "C-A", "action": "open", "badge": "{officer}"}),
            (
                1,
                "access",
                "door-C-A",
                {
                    "door": "door-C-A",
                    "zone": "C-A",
                    "action": "passage",
                    "badge": "{officer}",
                    "role": "officer",
                    "persons": 3,
                },
            ),
            (6, "access", "door-C-A", {"door": "door-C-A", "zone": "C-A", "action": "close"}),
        ),
        (1, 11),
    ),
    Reported(
        "vehicle_not_booked",
        "per-05",
        "VEH",
        (
            _goods(0, "v-unbooked", "vehicle", "enter", zone="VEH"),
            _goods(240, "v-unbooked", "vehicle", "leave", zone="VEH"),
        ),
        (0, 240),
    ),
    Reported(
        "delivery_not_inspected",
        "per-07",
        "VEH",
        (_goods(0, "g-unseen", "delivery", "enter", zone="VEH"),),
        (600, 700),
    ),
    Reported(
        "tool_missing",
        "per-08",
        "",
        (
            _goods(0, "tools-garden", "tool", "count_out", count=8),
            _goods(300, "tools-garden", "tool", "count_in", count=7),
        ),
        (300, 360),
    ),
    Reported(
        "force_not_reported",
        "stf-11",
        "",
        ((0, "terminal", "terminal-P-A", {"action": "force_used", "post": "P-A", "officer": "{officer}"}),),
        (1800, 1860),
    ),
    Reported(
        "medication_missed",
        "hlt-04",
        "",
        (_medical(0, "medication", "due", due_at=120),),
        (120, 600),
        of_person=True,
    ),
    Reported(
        "consultation_not_answered",
        "hlt-04",
        "",
        (_medical(0, "remote_consultation", "asked", due_at=300),),
        (300, 600),
        of_person=True,
    ),
    Reported(
        "restraints_too_long",
        "cel-17",
        "",
        (
            (0, "restraint", "register", {**_CUFFS, "action": "apply", "ends_at": 60}),
            (240, "restraint", "register", {**_CUFFS, "action": "remove"}),
        ),
        (60, 240),
        of_person=True,
    ),
    Reported(
        "admission_not_examined",
        "hlt-04",
        "",
        (_medical(0, "admission_examination", "due"),),
        (86_400, 86_460),
        of_person=True,
    ),
    Reported(
        "medical_round_missed",
        "hlt-04b",
        "MED-W",
        (
            (0, "medical", "med-1", {"duty": "round", "action": "due", "zone": "MED-W", "due_at": 0}),
            (660, "medical", "med-1", {"duty": "round", "action": "done", "zone": "MED-W"}),
        ),
        (600, 660),
    ),
    Reported("smoke", "env-01", "MED", _air("MED", alarm="smoke", temperature=31.0), (0, 100)),
    Reported("heat", "env-01", "D-2", _air("D-2", temperature=61.0), (0, 100)),
    Reported("bad_air", "env-01", "M-3", _air("M-3", co2=6200.0), (0, 100)),
    Reported(
        "evacuation_incomplete",
        "env-02",
        "",
        (
            _emergency(0, "drill-1", "drill", "open", minutes=2.0, expected=40),
            _emergency(180, "drill-1", "drill", "close"),
        ),
        (120, 180),
    ),
    Reported(
        "hazard_check_overdue",
        "env-02b",
        "",
        (
            _emergency(0, "check-late", "hazard_check", "open", due_at=-3590),
            _emergency(60, "check-late", "hazard_check", "close"),
        ),
        (10, 60),
    ),
)


def _kind(row: Reported) -> Kind:
    def stage_it(stage: Stage, begin: float) -> bool:
        detainee = stage.pick(stage.detainees(), begin, begin + 5)
        if detainee is None:
            return False
        names = {"{detainee}": detainee[0].subject, "{cell}": detainee[0].cell, "{officer}": stage.escorts[0].subject}
        for second, type_, device, fields in row.steps:
            filled = {
                name: stage.ms(begin + value) if name.endswith("_at") else names.get(value, value)
                for name, value in fields.items()
            }
            stage.post(begin + second, type_, device, **filled)
        people = detainee if row.of_person else []
        stage.expect(row.rule, row.name, row.zone, people, begin + row.expect[0], begin + row.expect[1])
        return True

    return Kind(row.name, row.rule, row.expect[1] + 5, stage_it)


KINDS.update({row.name: _kind(row) for row in REPORTED})


@incident("hlt-05", 300)
def fever_cluster(stage: Stage, begin: float) -> bool:
    """Three people of block A have a fever within five minutes."""
    people = stage.detainees(block="A")[:3]
    if len(people) < 3:
        return False
    for n, person in enumerate(people):
        stage.post(begin + 60 * n, "medical", "med-1", subject=person.subject, zone=person.cell, duty="temperature",
                   action="done", temperature=37.9)  # fmt: skip
    stage.expect("hlt-05", "fever_cluster", "C-A", [], begin + 120, stage.end)
    return True


@incident("cel-14", 130)
def minor_among_adults(stage: Stage, begin: float) -> bool:
    """Somebody in a cell with adults is found to be a minor, and is an adult again two minutes later."""
    cell = (stage.plan.cells["B"] or stage.plan.cells["A"])[0]
    people = stage.detainees(cell=cell)
    if len(people) < 2 or not all(stage.free(p, begin, begin + 120) for p in people):
        return False
    fields = person_fields(people[0], present=True)
    stage.post(begin, "person", "register", **{**fields, "minor": True, "age_band": "under_18"})
    stage.post(begin + 120, "person", "register", **fields)
    stage.expect("cel-14", "minor_among_adults", cell, [], begin, begin + 120)
    return True
