"""A small facility as events, for tests of the fold: two cells, an interrogation room, a yard."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from ingestion.contracts import (
    Detection,
    DeviceHealth,
    Event,
    InterrogationSession,
    PatrolCheckIn,
    PersonContext,
    SitePlan,
    VideoFrame,
    Watermark,
    WristbandReading,
)
from ingestion.contracts.platform import Camera, PatrolRound, Zone
from streaming_jobs.fold.codec import decode_state, encode_state
from streaming_jobs.fold.envelope import Received
from streaming_jobs.fold.facility import FacilityFold, FoldConfig, Outputs

FACILITY = "330101"
T0 = 1_772_424_000_000  # 2026-03-02T12:00:00+08:00
SCALE = 0.01  # m per px


def _box(x: float, y: float, w: float = 10, h: float = 10) -> list[tuple[float, float]]:
    return [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]


def site_plan(at: int = T0, profile: str = "default", rounds: Sequence[PatrolRound] = ()) -> SitePlan:
    zones = [
        Zone(id="A1", kind="cell", block="A", polygon=_box(0, 0)),
        Zone(id="A1-bed", kind="bed", block="A", parent="A1", polygon=_box(0, 0, 2, 2)),
        Zone(id="B1", kind="cell", block="B", polygon=_box(20, 0)),
        Zone(id="IR1", kind="interrogation", polygon=_box(40, 0)),
        Zone(id="yard", kind="yard", polygon=_box(60, 0, 40, 40), running_allowed=True),
    ]
    scale = [SCALE, 0, 0, 0, SCALE, 0, 0, 0, 1]
    cameras = [
        Camera(id=f"cam-{z}", zones=[z], width=10_000, height=10_000, homography=scale)
        for z in ("A1", "B1", "IR1", "yard")
    ]
    return SitePlan(
        facility=FACILITY,
        event_time=at,
        device="planner",
        profile=profile,
        zones=zones,
        cameras=cameras,
        patrol_rounds=list(rounds),
    )


def person(subject: str, at: int = T0, **facts: Any) -> PersonContext:
    return PersonContext(facility=FACILITY, event_time=at, device="register", subject=subject, **facts)


def seen(track: str, x: float, y: float, zone: str = "A1", **more: Any) -> Detection:
    """A detection at a place in metres."""
    return Detection(track=track, zone=zone, x=x / SCALE, y=y / SCALE, **more)


def frame(at: int, *people: Detection, camera: str = "cam-A1") -> VideoFrame:
    return VideoFrame(facility=FACILITY, event_time=at, device=camera, detections=list(people))


def band(subject: str, at: int, **more: Any) -> WristbandReading:
    return WristbandReading(
        facility=FACILITY, event_time=at, device=f"band-{subject}", subject=subject, worn=True, **more
    )


def session(at: int, action: Any) -> InterrogationSession:
    booked: dict[str, Any] = {"starts_at": at, "ends_at": at + 3_600_000} if action == "open" else {}
    return InterrogationSession(
        facility=FACILITY, event_time=at, device="desk", zone="IR1", session="s-1", action=action, **booked
    )


def camera_state(at: int, state: Any, camera: str = "cam-A1") -> DeviceHealth:
    return DeviceHealth(facility=FACILITY, event_time=at, device=camera, kind="camera", state=state)


def check_in(at: int, zone: str) -> PatrolCheckIn:
    return PatrolCheckIn(facility=FACILITY, event_time=at, device="tag", zone=zone, officer="o-1")


def end(at: int) -> Watermark:
    return Watermark(facility=FACILITY, event_time=at, device="replay", complete_to=at, reason="end_of_replay")


def quiet(begin: int, seconds: int, *cameras: str) -> list[Event]:
    """Empty frames of all (or the named) cameras, one a second."""
    names = cameras or ("cam-A1", "cam-B1", "cam-IR1", "cam-yard")
    return [frame(begin + s * 1000, camera=name) for s in range(seconds) for name in names]


def in_order(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda e: e.event_time)


def received(events: Iterable[Event | bytes], source: str = "test", at: int = T0 + 86_400_000) -> list[Received]:
    """Records as they come from the topic; bytes are taken as they are."""
    return [
        Received(offset, at, source, e if isinstance(e, bytes) else e.model_dump_json().encode())
        for offset, e in enumerate(events)
    ]


def config(lateness_ms: int = 2000) -> FoldConfig:
    return FoldConfig.load(lateness_ms, ahead_ms=3_600_000)


def fall_and_fight(fall_s: int, seconds: int) -> list[Event]:
    """Somebody falls and stays down; two others fight from 30 to 40 s; quiet rooms for the rest of the time."""
    fight = [
        frame(T0 + 30_000 + t * 200, seen("k-1", 5, 5, motion="abrupt"), seen("k-2", 5.5, 5, motion="walking"))
        for t in range(50)
    ]
    falls = [band("p-1", T0 + s * 1000, motion="fall" if s == fall_s else "still") for s in range(0, seconds, 5)]
    around = [*quiet(T0, 30), *quiet(T0 + 40_000, seconds - 40)]
    return in_order([site_plan(), person("p-1"), *around, *fight, *falls])


def fold_all(
    records: Sequence[Received],
    cuts: Sequence[int] = (),
    key: bytes = FACILITY.encode(),
    settings: FoldConfig | None = None,
) -> Outputs:
    """Fold records in batches cut at the given places.

    At each cut the fold is restored as the job would: from the bytes of the last second decided and
    the records that came since.
    """
    settings = settings or config()
    fold = FacilityFold(key, settings)
    total = Outputs()
    saved, since = encode_state(fold), list[Received]()
    edges = [0, *sorted(cuts), len(records)]
    for begin, stop in itertools.pairwise(edges):
        out = fold.process(0, records[begin:stop])
        add(total, out)
        if out.decided:
            saved, since = encode_state(fold), []
        else:
            since += records[begin:stop]
        fold = decode_state(saved, settings)
        fold.readmit(since)
    return total


def add(total: Outputs, more: Outputs) -> None:
    """Append the rows of one batch to those of others."""
    for name, rows in vars(more).items():
        if isinstance(rows, list):
            getattr(total, name).extend(rows)
