"""The live events of all live facilities, in the order of their event time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from ingestion.sources.record import Record
from ingestion.sources.simulator.activities import person_fields
from ingestion.sources.simulator.frames import FrameWriter
from ingestion.sources.simulator.incidents import inject
from ingestion.sources.simulator.incidents.devices import BLIND_S
from ingestion.sources.simulator.life import fill, relieve
from ingestion.sources.simulator.movement import Tracks
from ingestion.sources.simulator.noise import Gap, gaps
from ingestion.sources.simulator.observe import Observed, Timed
from ingestion.sources.simulator.programme import ACTIVITIES, GATHERINGS, ROUNDS, SHIFTS, clock
from ingestion.sources.simulator.scenario import TIMEZONE, Place, Scenario
from ingestion.sources.simulator.sensors import device_health, door_events, room_sensors, wristbands
from ingestion.sources.simulator.stage import Posted, Stage, Truth

BLOCK_S = 60
PLATFORM = "platform"
"""Source of contexts and watermarks; every other event's source is its subsystem, its `type`."""

ADMITS = {"control_room": ("officer",), "post": ("officer",)}
"""Kinds of rooms that are not for everybody, and whom they are for."""
CONTEXTS = ("site_plan", "person", "non_association", "restraint", "watermark")
BLOCK_CLASS = {"A": "men", "B": "men", "W": "women"}


class LiveFacility:
    """One facility's live events, block by block."""

    def __init__(self, scenario: Scenario, place: Place) -> None:
        self.scenario, self.place = scenario, place
        self.stage = Stage(scenario, place)
        relieve(self.stage)
        inject(self.stage)
        fill(self.stage)
        self.people = self.stage.people
        self.tracks = Tracks(self.people)
        self.key = place.facility.encode()
        self.frames = FrameWriter(self.stage.plan, place.facility, self.people)
        doors = door_events(self.stage, self.tracks, self.people)
        self.posted = sorted(
            (p for p in (*self.stage.posted, *doors) if 0 <= p.t < self.stage.end), key=lambda posted: posted.t
        )
        self._next = 0
        self._rng = scenario.rng("observed", place.facility)
        self.gaps = [gap for view in self.stage.plan.views for gap in self._gaps_of(view.id)]

    def _gaps_of(self, camera: str) -> Iterator[Gap]:
        scenario = self.scenario
        rng = scenario.rng("gaps", self.place.facility, camera)
        return gaps(scenario.noise, rng, camera, scenario.start_ms, scenario.end_ms)

    @property
    def observed(self) -> Observed:
        """The noise that lies over this facility's records."""
        return Observed(self.scenario.noise, self.scenario.rng("noise", self.place.facility), self.gaps)

    @property
    def truths(self) -> list[Truth]:
        """What the rules should find: the incidents, and the cameras that noise silences for long enough."""
        found = [*self.stage.truths, *self._silences()]
        return sorted(found, key=lambda t: (t.begin_ms, t.rule, t.zone))

    def _silences(self) -> Iterator[Truth]:
        watched = {view.id: view.zones for view in self.stage.plan.views}
        for gap in self.gaps:
            begin, end = gap.begin_ms + int(BLIND_S * 1000), min(gap.end_ms, self.scenario.end_ms)
            for zone in watched[gap.camera] if begin < end else ():
                if self.stage.plan.rooms[zone].parent is None:
                    yield Truth("dev-01", self.place.facility, zone, (), begin, end, "camera_silent")

    def record(self, posted: Posted) -> Timed:
        """The record of an event."""
        t = self.stage.ms(posted.t)
        event = {
            "type": posted.type,
            "facility": self.place.facility,
            "event_time": t,
            "device": posted.device,
            **posted.fields,
        }
        source = PLATFORM if posted.type in CONTEXTS else posted.type
        return t, Record(self.key, msgspec.json.encode(event), source=source)

    def opening(self) -> Iterator[Timed]:
        """The site plan, the people, the shifts that are running."""
        yield self.record(Posted(0.0, "site_plan", "plan", self._site_plan()))
        for person in self.people:
            if person.role in ("detainee", "officer", "medical"):
                fields = person_fields(person, present=person.present[0] <= 0)
                yield self.record(Posted(0.0, "person", "register", fields))
        for posted in self._running_shifts():
            yield self.record(posted)

    def _running_shifts(self) -> Iterator[Posted]:
        """Those on duty at the start: their shift as planned, and their sign-on as the roster knows it."""
        coming = [self.scenario.next_time(clock(text) // 3600, 0) for text in SHIFTS]
        begun = max(t - 86_400 if t > 0 else 0.0 for t in coming)
        for person in self.people:
            if person.shift and person.present[0] <= 0:
                zone = person.home_zone
                duty = {"shift": person.shift, "post": zone, "officer": person.subject}
                when = {"starts_at": self.stage.ms(begun), "ends_at": self.stage.ms(begun + 8 * 3600)}
                yield Posted(0.0, "duty", "roster", {"action": "plan", "zone": zone, **duty, **when})
                yield Posted(0.0, "duty", f"terminal-{zone}", {"action": "sign_on", "zone": zone, **duty})

    def _site_plan(self) -> dict[str, Any]:
        plan = self.stage.plan
        zones = [
            {
                "id": zone,
                "kind": room.kind,
                "block": room.block,
                "parent": room.parent,
                "polygon": [
                    (round(x, 3), round(y, 3))
                    for x, y in ((room.x0, room.y0), (room.x1, room.y0), (room.x1, room.y1), (room.x0, room.y1))
                ],
                "block_class": BLOCK_CLASS.get(room.block, "any"),
                "capacity": room.capacity,
                "running_allowed": room.running,
                "admits": list(ADMITS.get(room.kind, ())),
            }
            for zone, room in plan.rooms.items()
        ]
        cameras = [
            {
                "id": v.id,
                "zones": v.zones,
                "width": v.width,
                "height": v.height,
                "homography": [1 / v.scale, 0.0, round(v.x0, 3), 0.0, 1 / v.scale, round(v.y0, 3), 0.0, 0.0, 1.0],
            }
            for v in plan.views
        ]
        cells = [cell for found in plan.cells.values() for cell in found]
        # The blocks are walked at the same time.
        minutes = round(0.2 * max(map(len, plan.cells.values())), 1)
        rounds = [{"at": at, "zones": cells, "minutes": minutes} for at in ROUNDS]
        interlocks = [{"zone": "GATE", "doors": ["door-GATE/A", "door-GATE/B"]}]
        ends = [*(activity[0] for activity in ACTIVITIES[1:]), "00:00"]
        gatherings = [
            {"begins": begins, "ends": until}
            for (begins, activity, _, _), until in zip(ACTIVITIES, ends, strict=True)
            if activity in GATHERINGS
        ]
        return {
            "timezone": TIMEZONE,
            "zones": zones,
            "cameras": cameras,
            "patrol_rounds": rounds,
            "interlocks": interlocks,
            "gatherings": gatherings,
        }

    def block(self, begin: int, end: int) -> list[Timed]:
        """All events of the whole seconds [begin, end), in order of time."""
        found = [(t, Record(self.key, frame, source="video")) for t, frame in self.frame_block(begin, end)]
        rng = self._rng
        for posted in (
            *wristbands(self.stage, self.tracks, self.people, begin, end, rng),
            *room_sensors(self.stage, begin, end, rng),
            *device_health(self.stage, begin, end),
        ):
            found.append(self.record(posted))
        while self._next < len(self.posted) and self.posted[self._next].t < end:
            found.append(self.record(self.posted[self._next]))
            self._next += 1
        found.sort(key=lambda timed: timed[0])
        return found

    def frame_block(self, begin: int, end: int) -> Iterator[tuple[int, bytes]]:
        """``(event time ms, frame)`` of all cameras in [begin, end) seconds."""
        fps = self.scenario.fps
        numbers = np.arange(int(np.ceil(begin * fps)), int(np.ceil(end * fps)))
        # Cameras of a facility tick together, so that positions of two of them belong together.
        ticks = np.round(numbers / fps, 3)
        if not len(ticks):
            return
        ms = self.scenario.start_ms + np.round(ticks * 1000).astype(np.int64)
        dark = np.zeros((len(ticks), len(self.stage.plan.views)), dtype=np.bool_)
        for number, view in enumerate(self.stage.plan.views):
            for camera, a, b in self.stage.blind:
                if camera == view.id:
                    dark[(ticks >= a) & (ticks < b), number] = True
        x, y, posture, motion, here = self.tracks.sample(ticks)
        yield from self.frames.block(ms, x, y, posture, motion, here, dark)

    def closing(self) -> Timed:
        """The watermark that ends a finite replay."""
        t = self.scenario.end_ms
        event = {
            "type": "watermark",
            "facility": self.place.facility,
            "event_time": t,
            "device": "simulator",
            "complete_to": t,
            "reason": "end_of_replay",
        }
        return t, Record(self.key, msgspec.json.encode(event), source=PLATFORM)


def live(scenario: Scenario) -> Iterator[Record]:
    """All live events of all live facilities, interleaved in the order of their event time.

    Per facility: its site plan, its people, what is observed, and a watermark `end_of_replay`.
    """
    facilities = [LiveFacility(scenario, place) for place in scenario.live_places]
    observed = [facility.observed for facility in facilities]
    for facility, observe in zip(facilities, observed, strict=True):
        yield from (record for _, record in observe(facility.opening()))
    for begin in range(0, scenario.live_seconds, BLOCK_S):
        end = min(begin + BLOCK_S, scenario.live_seconds)
        found = [
            timed
            for facility, observe in zip(facilities, observed, strict=True)
            for timed in observe(facility.block(begin, end))
        ]
        found.sort(key=lambda timed: timed[0])
        yield from (record for _, record in found)
    for facility in facilities:
        yield facility.closing()[1]


def truth(scenario: Scenario) -> list[Truth]:
    """What the rules should report of a scenario's live events."""
    return [t for place in scenario.live_places for t in LiveFacility(scenario, place).truths]
