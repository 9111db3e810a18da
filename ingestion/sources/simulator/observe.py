"""Spoiling a facility's records as bad observation does: the noise of :mod:`noise`, over any stream of records.

The stream keeps its order. What a person enters, the plan and the register pass unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import numpy as np

from ingestion.contracts import SitePlan
from ingestion.sources.record import Record
from ingestion.sources.simulator.noise import SENSORS, Gap, Noise
from ingestion.sources.zone_map import ZoneMap

SEEN_AS = {"unknown": 0.7, "detainee": 0.2, "officer": 0.1}
"""What a camera takes somebody for who is not there, with its share."""
LONGEST_STEP_S = 2.0
"""Rates count the time between two frames of a camera up to this: after a silence all begins anew."""
NOTICED_MS = 5_000
"""So long after a camera's last frame its recorder reports the silence."""

Detection = dict[str, Any]
Timed = tuple[int, Record]
"""A record with its event time, epoch ms."""


@dataclass
class _Camera:
    """What one camera gets wrong at the moment."""

    id: str
    zones: ZoneMap
    gaps: list[Gap]
    last_ms: int = 0
    hidden: dict[str, int] = field(default_factory=dict)
    """Track -> until when it is not seen."""
    names: dict[str, tuple[str, str | None, int]] = field(default_factory=dict)
    """Track -> (track, subject) that it goes under, and until when."""
    false: list[tuple[Detection, int]] = field(default_factory=list)
    """Those seen where nobody is, and until when."""
    count: int = 0

    def silent(self, t: int) -> bool:
        return any(gap.begin_ms <= t < gap.end_ms for gap in self.gaps)


class Observed:
    """One facility's records as its sensors give them.

    ``gaps`` are those of its cameras (see :func:`noise.gaps`); equal arguments give equal records.
    """

    def __init__(self, noise: Noise, rng: np.random.Generator, gaps: Sequence[Gap] = ()) -> None:
        self.noise, self.rng, self.gaps = noise, rng, gaps
        self.cameras: dict[str, _Camera] = {}
        reports = [(gap.begin_ms + NOTICED_MS, gap, "silent") for gap in gaps if gap.announced]
        reports += [(gap.end_ms, gap, "ok") for gap in gaps if gap.announced]
        self._reports = sorted(reports, key=lambda report: (report[0], report[1].camera))

    def __call__(self, records: Iterable[Timed]) -> Iterator[Timed]:
        """The records that arrive, with their event times (ms); those of a recorder are put in."""
        if self.noise.clean:
            yield from records
            return
        for t, record in records:
            event = msgspec.json.decode(record.value)
            yield from self._due(t, event["facility"], record)
            if event["type"] == "site_plan":
                self._plan(SitePlan.model_validate_json(record.value))
            elif event["type"] in SENSORS:
                camera = self.cameras.get(event["device"])
                if self.rng.random() < self.noise.lost or (camera is not None and camera.silent(t)):
                    continue
                if event["type"] == "video" and camera is not None:
                    self._see(camera, event, t)
                    record = replace(record, value=msgspec.json.encode(event))
            yield t, record

    def _plan(self, plan: SitePlan) -> None:
        known = self.cameras
        self.cameras = {
            c.id: _Camera(c.id, ZoneMap(plan, c.id), [gap for gap in self.gaps if gap.camera == c.id])
            for c in plan.cameras
        }
        for name in known.keys() & self.cameras.keys():
            self.cameras[name].last_ms, self.cameras[name].count = known[name].last_ms, known[name].count

    def _due(self, t: int, facility: str, record: Record) -> Iterator[Timed]:
        """What the recorders have reported by a time."""
        while self._reports and self._reports[0][0] <= t:
            at, gap, state = self._reports.pop(0)
            report = {"type": "device", "facility": facility, "device": gap.camera, "event_time": at}
            report |= {"kind": "camera", "state": state, "detail": "none" if state == "ok" else "no_signal"}
            yield at, replace(record, value=msgspec.json.encode(report), source="device")

    # -- one frame ----------------------------------------------------------------------------
    def _see(self, camera: _Camera, frame: dict[str, Any], t: int) -> None:
        step_h = min(t - camera.last_ms, LONGEST_STEP_S * 1000) / 3_600_000 if camera.last_ms else 0.0
        camera.last_ms = t
        seen = self._noticed(camera, frame["detections"], t, step_h)
        self._rename(camera, seen, t, step_h)
        self._shake(camera, seen)
        frame["detections"] = seen + self._false(camera, t, step_h)

    def _until(self, t: int, mean_s: float) -> int:
        return t + round(1000 * float(self.rng.exponential(mean_s)))

    def _noticed(self, camera: _Camera, people: list[Detection], t: int, step_h: float) -> list[Detection]:
        """Those that the detector finds: neither hidden nor missed."""
        if not people:
            return people
        begins, missed = self.rng.random((2, len(people)))
        for person, chance in zip(people, begins, strict=True):
            if chance < self.noise.hidden_per_hour * step_h:
                camera.hidden[person["track"]] = self._until(t, self.noise.hidden_s)
        return [
            person
            for person, chance in zip(people, missed, strict=True)
            if chance >= self.noise.missed and camera.hidden.get(person["track"], 0) <= t
        ]

    def _rename(self, camera: _Camera, seen: list[Detection], t: int, step_h: float) -> None:
        """Two near tracks take each other's name and wearer; how they look stays with them."""
        camera.names = {track: kept for track, kept in camera.names.items() if kept[2] > t}
        if len(seen) > 1:
            begins = self.rng.random(len(seen)) < self.noise.switched_per_hour * step_h
            for one in (seen[n] for n in np.flatnonzero(begins)):
                others = [p for p in seen if p is not one and p["track"] not in camera.names]
                if others and one["track"] not in camera.names:
                    other = min(others, key=lambda p: (p["x"] - one["x"]) ** 2 + (p["y"] - one["y"]) ** 2)
                    until = self._until(t, self.noise.switched_s)
                    camera.names[one["track"]] = (other["track"], other.get("subject"), until)
                    camera.names[other["track"]] = (one["track"], one.get("subject"), until)
        for person in seen:
            if person["track"] in camera.names:
                person["track"], person["subject"], _ = camera.names[person["track"]]

    def _shake(self, camera: _Camera, seen: list[Detection]) -> None:
        """Foot points lie beside where they are, and sometimes in the next zone."""
        if not seen or not self.noise.jitter_m:
            return
        image = np.array([(p["x"], p["y"]) for p in seen])
        image += self.rng.normal(0.0, self.noise.jitter_m, image.shape) * self._pixels(camera, image)
        image = np.clip(image, 0.0, (camera.zones.camera.width, camera.zones.camera.height))
        for person, (x, y), zone in zip(seen, image.tolist(), camera.zones.zones(image), strict=True):
            person["x"], person["y"] = round(x, 1), round(y, 1)
            person["zone"] = person["zone"] if zone is None else zone

    @staticmethod
    def _pixels(camera: _Camera, image: Any) -> Any:
        """Pixels a metre at image points (N, 2), in each direction, shape (N, 1)."""
        floor = camera.zones.floor(image)
        beside = camera.zones.floor(image + 1.0)
        return np.sqrt(2.0) / np.linalg.norm(beside - floor, axis=1, keepdims=True)

    def _false(self, camera: _Camera, t: int, step_h: float) -> list[Detection]:
        """Somebody where nobody is, standing at one spot for a moment."""
        camera.false = [kept for kept in camera.false if kept[1] > t]
        if self.rng.random() < self.noise.false_per_hour * step_h:
            spot = self.rng.random((1, 2)) * (camera.zones.camera.width, camera.zones.camera.height)
            zone = camera.zones.zones(spot)[0]
            if zone is not None:
                camera.count += 1
                ghost = {
                    "track": f"f{camera.count}",
                    "zone": zone,
                    "x": round(float(spot[0, 0]), 1),
                    "y": round(float(spot[0, 1]), 1),
                    "role": str(self.rng.choice(list(SEEN_AS), p=list(SEEN_AS.values()))),
                    "posture": "standing",
                    "motion": "active",
                    "confidence": 0.5,
                }
                camera.false.append((ghost, self._until(t, self.noise.false_s)))
        return [ghost for ghost, _ in camera.false]
