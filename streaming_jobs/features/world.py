"""What is remembered of a facility between two seconds: plan, people, rooms, devices.

Everything here is plain data and arrays, so that it can be written as bytes (:mod:`.codec` of the
fold) and gives the same result wherever it is run. Times are event time, in ms unless named ``_s``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt

from ingestion.contracts import Motion, Posture, Role

if TYPE_CHECKING:
    from streaming_jobs.features.register import Register, Roll

NEVER_MS = -(2**62)
ROLES = {name: i for i, name in enumerate(get_args(Role))}
POSTURES = {name: i for i, name in enumerate(get_args(Posture))}
MOTIONS = {name: i for i, name in enumerate(get_args(Motion))}

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Round:
    """A round of the patrol plan: local start (minutes after midnight) and zones (Z,) bool."""

    minute: int
    visits: npt.NDArray[np.bool_]


def _minute(text: str) -> int:
    """Minute of the day of ``hh:mm``."""
    return int(text[:2]) * 60 + int(text[3:])


class Plan:
    """The site plan in force, as arrays. Shapes: Z zones, C cameras."""

    def __init__(self, event: Any) -> None:
        """Args: event: a ``site_plan`` event, as the contract's struct or model."""
        self.event = event
        self.profile: str = event.profile
        self.timezone = ZoneInfo(event.timezone)
        self.zones: list[str] = [z.id for z in event.zones]
        self.zone_index = {name: i for i, name in enumerate(self.zones)}
        self.kind: list[str] = [z.kind for z in event.zones]
        self.is_bed = np.array([z.kind == "bed" for z in event.zones])
        self.running_allowed = np.array([z.running_allowed for z in event.zones])
        self.parent = np.array(
            [self.zone_index.get(z.parent, -1) if z.parent is not None else -1 for z in event.zones], dtype=np.int64
        )
        self.top = np.where(self.parent >= 0, self.parent, np.arange(len(self.zones)))  # the zone around, or itself
        self.is_cell = np.array([kind == "cell" for kind in self.kind])
        self.is_toilet = np.array([kind == "toilet" for kind in self.kind])
        self.is_corridor = np.array([kind == "corridor" for kind in self.kind])
        self.is_open_air = np.array([kind in ("yard", "muster") for kind in self.kind])
        self.capacity = np.array([np.nan if z.capacity is None else z.capacity for z in event.zones], dtype=np.float64)
        self.cameras: list[str] = [c.id for c in event.cameras]
        self.camera_index = {name: i for i, name in enumerate(self.cameras)}
        self.cameras_px = [(float(c.width), float(c.height)) for c in event.cameras]
        self.homography = np.array([c.homography for c in event.cameras], dtype=np.float64).reshape(-1, 3, 3)
        self.covers = np.zeros((len(self.zones), len(self.cameras)), dtype=np.bool_)
        for column, camera in enumerate(event.cameras):
            for zone in camera.zones:
                if zone in self.zone_index:
                    self.covers[self.zone_index[zone], column] = True
        for zone_number, above in enumerate(self.parent):
            if above >= 0:  # what watches a cell watches its beds
                self.covers[zone_number] |= self.covers[above]
        # (Z, roles): who may be where; a zone that names nobody admits everybody.
        self.admits = np.array([[not z.admits or role in z.admits for role in ROLES] for z in event.zones])
        self.rounds = [Round(_minute(r.at), np.isin(np.array(self.zones), r.zones)) for r in event.patrol_rounds]
        everywhere = np.ones(len(self.zones), dtype=np.bool_)
        self.gatherings = [
            (_minute(g.begins), _minute(g.ends), np.isin(np.array(self.zones), g.zones) if g.zones else everywhere)
            for g in event.gatherings
        ]
        self._edges: dict[tuple[str, ...], tuple[Floats, Floats]] = {}
        self._kinds: dict[str, npt.NDArray[np.bool_]] = {}
        self._offsets: dict[int, tuple[int, date]] = {}
        self._starts: tuple[int, Longs] = (-1, np.zeros(0, dtype=np.int64))

    @cached_property
    def packed(self) -> bytes:
        """The event as JSON: it is written with every state, and never changes."""
        return msgspec.json.encode(self.event)

    def of_kind(self, kind: str) -> npt.NDArray[np.bool_]:
        """Zones of a kind, shape (Z,)."""
        if kind not in self._kinds:
            self._kinds[kind] = np.array([k == kind for k in self.kind])
        return self._kinds[kind]

    def edges(self, *kinds: str) -> tuple[Floats, Floats]:
        """Begin and end (m) of all edges of the zones of some kinds, shape (N, 2) each."""
        if kinds not in self._edges:
            corners = [np.array(z.polygon, dtype=np.float64) for z in self.event.zones if z.kind in kinds]
            ends = [np.roll(polygon, -1, axis=0) for polygon in corners]
            begin, end = (np.concatenate(v) if v else np.zeros((0, 2)) for v in (corners, ends))
            long = (begin != end).any(axis=1)
            self._edges[kinds] = begin[long], end[long]
        return self._edges[kinds]

    def local(self, second: int) -> tuple[int, date]:
        """Local minute of the day (0 to 1439) and local date of a second since 1970."""
        quarter = second // 900  # offsets of time zones change on quarters of an hour only
        if quarter not in self._offsets:
            if len(self._offsets) > 4096:
                self._offsets.clear()
            at = datetime.fromtimestamp(quarter * 900, tz=self.timezone)
            self._offsets[quarter] = (at.hour * 60 + at.minute, at.date())
        minute, day = self._offsets[quarter]
        return minute + (second - quarter * 900) // 60, day

    def round_starts(self, second: int) -> Longs:
        """Per zone, the start (s) of the last round that visits it, or -1 where there is none. Shape (Z,)."""
        if self._starts[0] != second // 60:  # rounds begin on full minutes
            self._starts = (second // 60, self._round_starts(second))
        return self._starts[1]

    def _round_starts(self, second: int) -> Longs:
        starts = np.full(len(self.zones), -1, dtype=np.int64)
        _, day = self.local(second)
        for one in self.rounds:
            begin = -1
            for back in (0, 1):
                local = datetime.combine(day - timedelta(days=back), datetime.min.time(), tzinfo=self.timezone)
                candidate = int((local + timedelta(minutes=one.minute)).timestamp())
                if candidate <= second:
                    begin = candidate
                    break
            starts = np.where(one.visits, np.maximum(starts, begin), starts)
        return starts


ENTITY_COLUMNS: dict[str, tuple[type, Any]] = {
    "seen_s": (np.int64, NEVER_MS),  # last second with an observation
    "t_ms": (np.float64, np.nan),  # mean time of the observations in that second
    "x": (np.float64, np.nan),  # mean position on the floor, m
    "y": (np.float64, np.nan),
    "speed": (np.float64, np.nan),  # m/s
    "zone": (np.int64, -1),
    "camera": (np.int64, -1),
    "role": (np.int64, ROLES["unknown"]),
    "posture": (np.int64, POSTURES["unknown"]),
    "band_s": (np.int64, NEVER_MS),  # last second the wristband was heard
    "band_zone": (np.int64, -1),  # zone in which it was heard then
    "band_still_s": (np.int64, NEVER_MS),  # last second in which it said: still
    "band_moved_s": (np.int64, NEVER_MS),  # last second in which it said that the wearer moved
    "band_vital_s": (np.int64, NEVER_MS),  # last second in which it felt a pulse
    "still_since_s": (np.int64, NEVER_MS),  # beginning of the running time without any movement
    "still_last_s": (np.int64, NEVER_MS),  # last second in which stillness was observed
}


class Entities:
    """Everybody seen or heard lately, one row each. Columns as in ``ENTITY_COLUMNS``, shape (E,).

    A row's key is the pseudonym where one is known, else ``camera/track``.
    """

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.index: dict[str, int] = {}
        self.pair_keys: dict[int, str] = {}  # (one row << 32) + another: the pair's key
        self.columns: dict[str, npt.NDArray[Any]] = {
            name: np.full(64, fill, dtype=kind) for name, (kind, fill) in ENTITY_COLUMNS.items()
        }

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, column: str) -> npt.NDArray[Any]:
        """The column's values, a view of shape (E,)."""
        return self.columns[column][: len(self.keys)]

    def row(self, key: str) -> int:
        """The row of a key, made where it is new."""
        found = self.index.get(key)
        if found is not None:
            return found
        number = len(self.keys)
        if number == len(self.columns["x"]):
            for name, (kind, fill) in ENTITY_COLUMNS.items():
                self.columns[name] = np.concatenate([self.columns[name], np.full(number, fill, dtype=kind)])
        for name, (_, fill) in ENTITY_COLUMNS.items():
            self.columns[name][number] = fill
        self.keys.append(key)
        self.index[key] = number
        return number

    def keep(self, wanted: npt.NDArray[np.bool_]) -> None:
        """Drop the rows where ``wanted`` (E,) is false."""
        if wanted.all():
            return
        count = len(self.keys)
        for name in self.columns:
            kept = self.columns[name][:count][wanted]
            self.columns[name][: len(kept)] = kept
        self.keys = [key for key, stays in zip(self.keys, wanted, strict=True) if stays]
        self.index = {key: i for i, key in enumerate(self.keys)}
        self.pair_keys = {}


class Person(msgspec.Struct):
    """What rules may know of a person, from the last ``person`` context."""

    role: str
    block: str
    cell: str
    facts: dict[str, Any] = {}


class Fault(msgspec.Struct, array_like=True):
    """A domain's code raised: when last, s, and what it said."""

    last_s: int
    said: str


@dataclass
class World:
    """The state of one facility. Cameras and people are common to all domains, the rest is theirs."""

    plan: Plan
    since_s: int  # second in which the first plan came into force
    entities: Entities = field(default_factory=Entities)
    persons: dict[str, Person] = field(default_factory=dict)
    frame_s: dict[str, int] = field(default_factory=dict)  # camera -> last second with a good frame
    camera_state: dict[str, str] = field(default_factory=dict)  # camera -> state, absent means ok
    domains: dict[str, Any] = field(default_factory=dict)  # domain -> its state
    faults: dict[str, Fault] = field(default_factory=dict)  # domain -> its last fault, while its features are missing
    register: Register | None = None  # made of the persons when asked for
    roll: Roll | None = None  # the same by subject
