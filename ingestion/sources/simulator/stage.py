"""A facility's live part in the making: its people with their diaries, its events, its ground truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ingestion.sources.simulator.movement import WALK_MPS, Leg, Person
from ingestion.sources.simulator.plan import BED_W, FloorPlan, Point
from ingestion.sources.simulator.programme import BED_HOURS, NIGHT_FROM, NIGHT_TO, SHIFTS, activity_at, clock, is_night
from ingestion.sources.simulator.scenario import Place, Scenario, subject_of


@dataclass(frozen=True)
class Truth:
    """An injected incident that a rule should report: where, who, and from when to when (epoch ms)."""

    rule: str
    facility: str
    zone: str
    subjects: tuple[str, ...]
    begin_ms: int
    end_ms: int
    kind: str
    ways: tuple[str, ...] = ()


@dataclass(frozen=True)
class Posted:
    """An event to be posted ``t`` seconds after the start."""

    t: float
    type: str
    device: str
    fields: dict[str, Any]


def _facts(
    scenario: Scenario, rng: np.random.Generator, levels: np.random.Generator, care: np.random.Generator, stay: str
) -> dict[str, object]:
    """What the register, the medical post and those who confirm levels say of a detainee."""
    shares = (("chronic", 0.12), ("cardiac", 0.05), ("self_harm_history", 0.04), ("withdrawal", 0.06))
    return {
        "stay": stay,
        "education": str(care.choice(["none", "primary", "secondary", "tertiary"], p=[0.05, 0.35, 0.5, 0.1])),
        "age_band": str(rng.choice(["18_24", "25_39", "40_59", "60_plus"], p=[0.2, 0.45, 0.3, 0.05])),
        "case_class": str(rng.choice(["property", "economic", "drug", "violent", "public_order", "other"])),
        "first_custody": bool(rng.random() < 0.6),
        "health_flags": [flag for flag, share in shares if rng.random() < share],
        "admitted_at": scenario.start_ms - int((float(rng.exponential(60)) + 0.5) * 86_400_000),
        "custody_level": str(levels.choice(["green", "yellow", "orange", "red"], p=[0.7, 0.2, 0.07, 0.03])),
    }


class Stage:
    """What is known of a facility's hour before anything is sampled."""

    def __init__(self, scenario: Scenario, place: Place) -> None:
        self.scenario, self.place = scenario, place
        self.plan = FloorPlan(scenario.detainees)
        self.rng = scenario.rng("live", place.facility)
        self.people: list[Person] = []
        self.posted: list[Posted] = []
        self.truths: list[Truth] = []
        self.blind: list[tuple[str, float, float]] = []
        """(camera, from, to): no frames."""
        self.vitals: list[tuple[str, float, float, dict[str, Any]]] = []
        """(subject, from, to, fields that replace those of the readings; None silences the band)."""
        self.air: list[tuple[str, float, float, dict[str, Any]]] = []
        """(zone, from, to, fields that replace those of the room sensor's readings)."""
        self.skipped_visits: set[tuple[str, str]] = set()
        """(round, cell) that the patrol leaves out."""
        self.hasty_rounds: dict[tuple[str, str], float] = {}
        """(round, block) in which the patrol stays at a cell for these seconds only."""
        self.handovers: list[tuple[float, str, str]] = []
        """(time, post, outgoing officer) of the changes of shift."""
        self.no_handover: set[str] = set()
        """Posts that are relieved without handover and sign-off."""
        self._booked: dict[str, list[tuple[float, float]]] = {}
        self.end = float(scenario.live_seconds)
        self.walk_s = self.plan.longest_way / WALK_MPS + 5
        """Time (s) that the longest way takes."""
        self._cast()

    # -- people ------------------------------------------------------------------------------
    def _cast(self) -> None:
        scenario, facility, plan = self.scenario, self.place.facility, self.plan
        rng, levels = scenario.rng("facts", facility), scenario.rng("levels", facility)
        care = scenario.rng("schooling", facility)
        cells = [(block, cell) for block, found in plan.cells.items() for cell in found]
        for number in range(scenario.detainees):
            block, cell = cells[number % len(cells)]
            seat = number // len(cells)
            room = plan.rooms[cell]
            home = room.at(1.2 if seat % 2 == 0 else 3.4, 1.2 + 2.1 * (seat // 2))
            self.people.append(
                Person(
                    subject_of(scenario, facility, "d", number),
                    "detainee",
                    "female" if block == "W" else "male",
                    home,
                    f"{cell}/bed" if home[0] < room.x0 + BED_W else cell,
                    bed=room.at(1.1, 0.8 + 1.1 * seat),
                    block=block,
                    cell=cell,
                    facts=_facts(scenario, rng, levels, care, f"stay-{facility}-live-{number + 1:04d}"),
                )
            )
        self._staff = 0
        for seat in range(2):
            self.add_officer("CTL", (1.5 + 2.2 * seat, 1.5))
        for block in plan.cells:
            self.add_officer(f"P-{block}", (0.8, 1.2), female=block == "W")
        for seat in range(12):
            room_id, place = ("D-1", seat) if seat < 6 else ("D-2", seat - 6)
            self.add_officer(room_id, (1.2 + 2.2 * (place % 2), 0.6 + 1.9 * (place // 2)), female=seat in (2, 5))
        self.add_officer("MED", (1.5, 3.8), role="medical", female=True)

    def add_officer(
        self,
        zone: str,
        offset: Point,
        *,
        role: str = "officer",
        female: bool = False,
        present: tuple[float, float] = (0.0, float("inf")),
    ) -> Person:
        """Somebody who works here, with a place of their own in a room."""
        kind = "o" if role == "officer" else "m"
        person = Person(
            subject_of(self.scenario, self.place.facility, kind, self._staff),
            role,
            "female" if female else "male",
            self.plan.rooms[zone].at(*offset),
            zone,
            present=present,
        )
        if zone == "CTL" or zone.startswith("P-"):
            begun = "running" if present[0] <= 0 else f"{self.day_seconds(present[0]):.0f}"
            person.shift = f"{zone}-{begun}-{person.subject}"
        self._staff += 1
        self.people.append(person)
        return person

    def staff_of(self, zone: str) -> list[Person]:
        """Officers and medical staff whose place is in the zone, in a fixed order."""
        return [p for p in self.people if p.role != "detainee" and p.home_zone == zone]

    @property
    def patrols(self) -> dict[str, Person]:
        """The officer who patrols each block; a woman in the women's block."""
        seats = self.staff_of("D-1")
        return dict(zip(self.plan.cells, seats[:3], strict=False))

    @property
    def escorts(self) -> list[Person]:
        return [*self.staff_of("D-1")[3:6], *self.staff_of("D-2")[:2]]

    @property
    def interrogators(self) -> list[Person]:
        return self.staff_of("D-2")[2:6]

    def detainees(self, block: str | None = None, cell: str | None = None) -> list[Person]:
        return [
            p
            for p in self.people
            if p.role == "detainee" and block in (None, p.block) and cell in (None, p.cell) and p.cell is not None
        ]

    # -- diaries -----------------------------------------------------------------------------
    def day_seconds(self, t: float) -> float:
        return self.scenario.second_of_day(t)

    def home(self, person: Person, t: float) -> tuple[Point, str]:
        """Where a person is at rest, and in which zone: at night detainees are in bed."""
        if person.bed is not None and is_night(self.day_seconds(t)):
            return person.bed, f"{person.cell}/bed"
        return person.home, person.home_zone

    def start_leg(self, person: Person, t: float) -> Leg:
        """A leg that begins at rest."""
        return Leg.at(t, self.home(person, t)[0])

    def free(self, person: Person, begin: float, end: float) -> bool:
        """The diary is empty in this time, and neither end falls on the hour of going to bed or rising."""
        changes = [self.scenario.next_time(s // 3600, s % 3600 // 60) for s in (NIGHT_FROM, NIGHT_TO)]
        settled = person.bed is None or all(abs(t - c) > 60 for t in (begin, end) for c in changes)
        return settled and person.free(begin, end)

    def pick(self, among: list[Person], begin: float, end: float, count: int = 1) -> list[Person] | None:
        """``count`` people with an empty diary in this time, or None."""
        found = [p for p in among if self.free(p, begin, end)]
        if len(found) < count:
            return None
        return [found[int(n)] for n in sorted(self.rng.choice(len(found), count, replace=False))]

    def take_room(self, room: str, begin: float, end: float) -> bool:
        """Book a room; False where it is taken."""
        booked = self._booked.setdefault(room, [])
        if any(b < end and begin < e for b, e in booked):
            return False
        booked.append((begin, end))
        return True

    # -- events and truth --------------------------------------------------------------------
    def post(self, t: float, type_: str, device: str, **fields: Any) -> None:
        """An event ``t`` seconds after the start; outside the simulated time nothing is posted."""
        if 0 <= t < self.end:
            self.posted.append(Posted(t, type_, device, fields))

    def ms(self, t: float) -> int:
        """Epoch milliseconds of a time in seconds after the start."""
        return self.scenario.start_ms + round(t * 1000)

    def expect(
        self,
        rule: str,
        kind: str,
        zone: str,
        subjects: list[Person],
        begin: float,
        end: float,
        ways: tuple[str, ...] = (),
    ) -> None:
        """Note what a rule should report, and in which zones on the way it may be reported as well."""
        names = tuple(sorted(p.subject for p in subjects if p.subject is not None))
        end_ms = self.ms(min(end, self.end))
        self.truths.append(Truth(rule, self.place.facility, zone, names, self.ms(begin), end_ms, kind, ways))

    def in_bed_hours(self, t: float) -> bool:
        """The time lies in the hours in which the rules want everybody in bed."""
        return not clock(BED_HOURS[1]) <= self.day_seconds(t) < clock(BED_HOURS[0])

    def expect_out_of_bed(self, kind: str, zone: str, person: Person, begin: float, end: float) -> None:
        """Somebody is up in a cell: in the hours of bed to be reported after ten minutes, whatever the cause."""
        if end - begin > 610 and self.in_bed_hours(begin) and self.in_bed_hours(begin + 610):
            self.expect("cel-07", kind, zone, [person], begin, end)

    def times_of_day(self, text: str) -> list[float]:
        """All times (s after the start) in the simulated span at which the local clock shows ``hh:mm``."""
        first = self.scenario.next_time(clock(text) // 3600, clock(text) % 3600 // 60)
        return [float(t) for t in np.arange(first, self.end, 86_400.0)]

    def shift_changes(self) -> list[float]:
        return sorted(t for text in SHIFTS for t in self.times_of_day(text))

    def activity(self, t: float) -> tuple[str, int, int]:
        return activity_at(self.day_seconds(t))
