"""Replay of a video file or a folder of images: pictures become observations and health events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from infra.settings import UserError
from ingestion.contracts import DeviceHealth, SitePlan
from ingestion.sources.record import Record, record_of
from ingestion.sources.replay import Counts, Place, empty_frame, frame_records, scene_plan, watermark
from ingestion.sources.zone_map import ZoneMap
from ingestion.vision.boxes import feet
from ingestion.vision.detect import BlobDetector, Detector, FusedDetector, HogDetector
from ingestion.vision.health import CameraHealth, Change
from ingestion.vision.motion import MotionGate
from ingestion.vision.pace import Pace
from ingestion.vision.pictures import Film, Picture
from ingestion.vision.track import SortTracker
from ingestion.vision.watch import Seen, Watch

DETECTORS: dict[str, Callable[[], Detector]] = {"fused": FusedDetector, "hog": HogDetector, "blob": BlobDetector}
CONFIRM = 3
"""Pictures in which somebody must be found before he counts: one-off alarms are most of a detector's false ones."""
SCENE_M = 10.0
"""Width of floor that a picture without a plan is said to show. Nobody measured it, so no speed is told then."""


@dataclass
class FilmCounts:
    """What became of a film's pictures.

    Law: ``pictures = frames + sum(blind)``.
    """

    pictures: int = 0
    promised: int = 0
    cut_off: bool = False
    """True where the film ends before its own header says; the lost rest counts as one picture, `down`."""
    looked: int = 0
    blind: dict[str, int] = field(default_factory=dict)
    unconfirmed: int = 0
    skipped_pictures: int = 0
    health: list[str] = field(default_factory=list)
    people: Counts = field(default_factory=Counts)

    def lines(self) -> list[str]:
        """The summary, one fact a line."""
        people = self.people
        found = [
            f"pictures             {self.pictures}"
            + (f" of {self.promised} that it says it has" if self.cut_off else ""),
            f"passed over          {self.skipped_pictures} (by --every)",
            f"frames               {people.frames} ({people.empty_frames} of them empty)",
            f"not analysed         {sum(self.blind.values())}",
            *(f"  {count} x camera {state}" for state, count in self.blind.items()),
            f"shown to detector    {self.looked}",
            f"detections           {people.detections}",
            f"tracks               {people.tracks}",
            f"not taken for people {self.unconfirmed}",
            f"skipped              {sum(people.skipped.values())}",
        ]
        found += [f"  {count} x {why} (first: {people.first_place[why]})" for why, count in people.skipped.items()]
        return [*found, f"health events        {len(self.health)}", *(f"  {line}" for line in self.health)]


class VideoReplay:
    """The records of one film; iterate once, then read :attr:`counts`.

    Args:
        plan: the facility's plan; None makes one of a single open zone.
        detector: a name of :data:`DETECTORS`.
        every: only every n-th picture is taken.
        gate: False lets the detector look at every picture.

    Raises:
        UserError: the plan lacks the camera, or its camera's pictures have another shape.
    """

    def __init__(
        self,
        film: Film,
        where: Place,
        *,
        plan: SitePlan | None = None,
        detector: str = "fused",
        every: int = 1,
        gate: bool = True,
    ) -> None:
        if detector not in DETECTORS:
            raise UserError(
                f"unknown detector {detector!r}", where="--detector", do=f"use one of: {', '.join(DETECTORS)}"
            )
        if every < 1:
            raise UserError(f"every {every} pictures?", where="--every", do="give 1 or more")
        self.film, self.where, self.every = film, where, every
        self.measured = plan is not None
        self.plan = (
            plan.model_copy(update={"event_time": where.start_ms})
            if plan is not None
            else scene_plan(where, width=film.width, height=film.height, homography=round(SCENE_M / film.width, 6))
        )
        self.zones = ZoneMap(self.plan, where.camera)
        self.to_plan = _pixels_to_plan(film, self.zones)
        self.counts = FilmCounts(promised=film.length)
        self.watch = Watch(
            DETECTORS[detector](),
            SortTracker(confirm=CONFIRM),
            gate=MotionGate() if gate else None,
            health=CameraHealth(),
        )
        self._pace = Pace()

    def __iter__(self) -> Iterator[Record]:
        counts, watch = self.counts, self.watch
        yield record_of(self.plan)
        last = self.where.start_ms
        for picture in self.film.pictures():
            # A lost picture is told even where it would have been passed over.
            if picture.index % self.every and picture.image is not None:
                counts.skipped_pictures += 1
                continue
            last = self._time(picture.seconds)
            counts.cut_off = picture.lost_rest
            change, seen = watch.look(picture)
            if change is not None:
                yield self._health(change)
            if seen is not None:
                yield from self._frame(picture, seen)
        counts.pictures, counts.looked, counts.blind = watch.pictures, watch.looked, watch.blind
        counts.unconfirmed, counts.people.tracks = watch.unconfirmed, watch.tracker.tracks
        yield watermark(self.where, last)

    def _time(self, seconds: float) -> int:
        return self.where.start_ms + round(seconds * 1000)

    def _health(self, change: Change) -> Record:
        self.counts.health.append(f"{change.seconds:.2f} s: {change.state} ({change.detail})")
        watched = self.zones.camera.zones
        return record_of(
            DeviceHealth(
                facility=self.where.facility,
                event_time=self._time(change.seconds),
                device=self.where.camera,
                zone=watched[0] if len(watched) == 1 else None,
                kind="camera",
                state=change.state,
                detail=change.detail,
            )
        )

    def _frame(self, picture: Picture, seen: Seen) -> Iterator[Record]:
        people = self.counts.people
        boxes = seen.boxes * np.tile(self.to_plan, 2)
        # A box that reaches below the picture has its feet at the edge, as far as the camera sees.
        edge = (self.zones.camera.width, self.zones.camera.height)
        foot = np.clip(feet(boxes), 0.0, edge).round(1)
        zone = self.zones.zones(foot)
        placed = np.array([name is not None for name in zone], dtype=np.bool_)
        people.skip("a foot point outside every zone of the camera", f"picture {picture.index}", int((~placed).sum()))
        now = self._time(picture.seconds)
        if not placed.any():
            yield empty_frame(self.where, people, now)
            return
        tracks, foot, boxes = seen.tracks[placed], foot[placed], boxes[placed].round(1)
        motion = (
            self._pace.label(tracks, self.zones.floor(foot), picture.seconds)
            if self.measured
            else ["unknown"] * len(tracks)
        )
        yield from frame_records(
            self.where,
            people,
            np.full(len(tracks), now, dtype=np.int64),
            {
                "track": np.array([f"t{number}" for number in tracks.tolist()], dtype=object),
                "zone": zone[placed],
                "x": foot[:, 0],
                "y": foot[:, 1],
                "w": boxes[:, 2],
                "h": boxes[:, 3],
                "motion": np.array(motion, dtype=object),
                "confidence": np.clip(seen.confidence[placed], 0.0, 1.0).round(3),
            },
        )


def read_plan(path: Path) -> SitePlan:
    """A site plan from a JSON file.

    Raises:
        UserError: the file cannot be read, or is no site plan.
    """
    try:
        text = path.read_bytes()
    except OSError as fault:
        raise UserError(f"cannot read the plan: {fault.strerror}", where=str(path), do="check --plan") from fault
    try:
        return SitePlan.model_validate_json(text)
    except ValidationError as fault:
        first = fault.errors()[0]
        raise UserError(
            f"this is no site plan: {first['msg']}",
            where=f"{path}, {'.'.join(str(part) for part in first['loc']) or 'the whole file'}",
            do="see site_plan in the contracts' reference",
        ) from fault


def _pixels_to_plan(film: Film, zones: ZoneMap) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Factors (x, y) from the film's pixels to those of the plan's camera.

    Raises:
        UserError: the two have different shapes, so that the plan's measures do not fit.
    """
    camera = zones.camera
    factors = np.array([camera.width / film.width, camera.height / film.height])
    if abs(factors[0] / factors[1] - 1.0) > 0.02:
        raise UserError(
            f"the film is {film.width} x {film.height} px, the plan's camera {camera.width} x {camera.height} px",
            where=f"camera {camera.id} of the site plan",
            do="give the film as the camera takes it, or mend the plan",
        )
    return factors
