"""What all replays share: options, counts, the plan before and the watermark after, frames of detections."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from infra.settings import UserError
from ingestion.contracts import Detection, SitePlan, VideoFrame, Watermark
from ingestion.contracts.base import EARLIEST_MS, LATEST_MS
from ingestion.contracts.derived import QuarantineReason
from ingestion.contracts.platform import Camera, Zone
from ingestion.contracts.schemas import struct_of
from ingestion.landing.withheld import Withheld
from ingestion.sources.record import Record, record_of
from ingestion.sources.text_table import BadLine
from ingestion.sources.zone_map import open_scene, plain_scale

DEFAULT_START = "2024-01-01T00:00:00Z"
"""Files carry time since their own beginning. They are laid on a fixed day, never on today, so that a
replay gives the same ids whenever it is run; and on a day on which the rules' dated thresholds are in
force (the earliest of most is 2020)."""

MAX_DETECTIONS = 1000
"""What one frame event may hold; a fuller moment becomes several events of the same time."""

_ID = re.compile(r"^[A-Za-z0-9_.:/#-]{1,64}$")
_detection: Any = struct_of(Detection)
_frame: Any = struct_of(VideoFrame)
_encode = msgspec.json.Encoder().encode

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


@dataclass
class Counts:
    """What became of a file's rows; complete when the replay's records have all been taken.

    Law: ``rows = detections + sum(set_apart) + sum(skipped)``.
    """

    rows: int = 0
    frames: int = 0
    empty_frames: int = 0
    detections: int = 0
    tracks: int = 0
    set_apart: dict[str, int] = field(default_factory=dict)
    """Rows and lines posted one by one as they are, for quarantine: reason -> rows."""
    skipped: dict[str, int] = field(default_factory=dict)
    """Rows not posted: reason -> rows."""
    other: dict[str, float] = field(default_factory=dict)
    """More that the summary says, e.g. health events."""
    first_place: dict[str, str] = field(default_factory=dict)
    """Where each reason was met first."""

    def apart(self, reason: str, place: str, rows: int = 1) -> None:
        """Count rows that are posted as they are, for quarantine."""
        self.set_apart[reason] = self.set_apart.get(reason, 0) + rows
        self.first_place.setdefault(reason, place)

    def skip(self, reason: str, place: str, rows: int = 1) -> None:
        """Count rows that are not posted."""
        if rows:
            self.skipped[reason] = self.skipped.get(reason, 0) + rows
            self.first_place.setdefault(reason, place)

    def lines(self) -> list[str]:
        """The summary, one fact a line."""
        found = [
            f"rows read            {self.rows}",
            f"frames               {self.frames} ({self.empty_frames} of them empty)",
            f"detections           {self.detections}",
            f"tracks               {self.tracks}",
        ]
        found += [f"{name:<20} {count}" for name, count in self.other.items()]
        for title, reasons in (("for quarantine", self.set_apart), ("skipped", self.skipped)):
            found.append(f"{title:<20} {sum(reasons.values())}")
            found += [f"  {count} x {why} (first: {self.first_place[why]})" for why, count in reasons.items()]
        return found


@dataclass(frozen=True)
class Place:
    """Where and when a replay's events happen."""

    facility: str
    camera: str
    start_ms: int

    @property
    def key(self) -> bytes:
        """Record key."""
        return self.facility.encode()


def place(facility: str, camera: str, start: str) -> Place:
    """Check the options that all replays have.

    Raises:
        UserError: an id that contracts refuse, or a start that is no time within 1990 to 2100.
    """
    for option, value in (("--facility", facility), ("--camera", camera)):
        if not _ID.match(value):
            raise UserError(f"{value!r} is no id", where=option, do="use letters, digits and _.:/#- , at most 64")
    try:
        moment = datetime.fromisoformat(start)
    except ValueError as fault:
        raise UserError(f"{start!r} is no time", where="--start", do="write it like 2024-01-01T00:00:00Z") from fault
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    start_ms = round(moment.timestamp() * 1000)
    if not EARLIEST_MS <= start_ms < LATEST_MS:
        raise UserError(f"{start} is outside the years 1990 to 2100", where="--start", do="choose another start")
    return Place(facility, camera, start_ms)


def check_rate(fps: float) -> None:
    """Raises UserError where ``fps`` is no rate of frames."""
    if not 0.01 <= fps <= 1000:
        raise UserError(f"{fps} frames a second is no frame rate", where="--fps", do="give one from 0.01 to 1000")


def scene_plan(
    where: Place, *, width: int, height: int, homography: Sequence[float] | float, profile: str = "default"
) -> SitePlan:
    """A plan of one camera and one open zone, the whole image: for pictures that come without a plan."""
    matrix = plain_scale(homography) if isinstance(homography, float | int) else list(homography)
    zone = Zone(id="scene", kind="open", polygon=open_scene(width, height, matrix))
    camera = Camera(id=where.camera, zones=[zone.id], width=width, height=height, homography=matrix)
    return SitePlan(
        facility=where.facility,
        event_time=where.start_ms,
        device="replay",
        profile=profile,
        zones=[zone],
        cameras=[camera],
    )


def watermark(where: Place, last_ms: int) -> Record:
    """The replay's end: the second of its last event is complete."""
    complete = min((last_ms // 1000 + 1) * 1000, LATEST_MS)
    return record_of(
        Watermark(
            facility=where.facility,
            event_time=complete,
            device="replay",
            complete_to=complete,
            reason="end_of_replay",
        )
    )


def frame_records(
    where: Place,
    counts: Counts,
    t_ms: Longs,
    columns: dict[str, Floats | Texts],
) -> Iterator[Record]:
    """One record per moment, of sorted detections.

    Args:
        t_ms: event time of each detection, shape (N,), not decreasing.
        columns: fields of :class:`Detection` by name, shape (N,) each.
    """
    if not len(t_ms):
        return
    names = list(columns)
    rows = [
        _detection(**dict(zip(names, values, strict=True)))
        for values in zip(*(column.tolist() for column in columns.values()), strict=True)
    ]
    starts = np.flatnonzero(np.diff(t_ms, prepend=t_ms[0] - 1)).tolist()
    for begin, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        for part in range(begin, end, MAX_DETECTIONS):
            seen = rows[part : min(end, part + MAX_DETECTIONS)]
            yield frame_record(where, int(t_ms[begin]), seen)
            counts.frames += 1
            counts.detections += len(seen)


def frame_record(where: Place, event_time: int, detections: list[Any]) -> Record:
    """The record of one frame; detections are structs of the contract."""
    frame = _frame(facility=where.facility, event_time=event_time, device=where.camera, detections=detections)
    return Record(where.key, _encode(frame))


def empty_frame(where: Place, counts: Counts, event_time: int) -> Record:
    """The record of a frame in which nobody was seen."""
    counts.frames += 1
    counts.empty_frames += 1
    return frame_record(where, event_time, [])


def row_apart(where: Place, event_time: int, detection: dict[str, object]) -> Record:
    """A row that its contract refuses, as readable as it is, in a record of its own.

    So it is quarantined alone and does not take the good detections of its frame along. JSON has
    no NaN: such a number becomes null.
    """
    frame = {
        "type": "video",
        "facility": where.facility,
        "event_time": event_time,
        "device": where.camera,
        "detections": [detection],
    }
    return Record(where.key, _encode(frame))


def line_apart(where: Place, file: Path, line: BadLine) -> Withheld:
    """A line that is no row, byte for byte: the landing quarantines it with the file, line and column."""
    reason: QuarantineReason = "truncated_file" if line.cut_off else "contract"
    return Withheld(Record(where.key, line.raw), reason, f"{file.name}, line {line.number}: {line.reason}")
