"""A small facility with the rooms around the cells, as events, and its features second by second."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from ingestion.contracts import (
    AccessEvent,
    DeviceHealth,
    DutyShift,
    Event,
    InterrogationSession,
    PerimeterEvent,
    SitePlan,
    VehicleGoodsEvent,
    VisitEvent,
)
from ingestion.contracts.platform import Camera, Interlock, Zone
from streaming_jobs.features.compute import features_of
from streaming_jobs.features.world import Plan, World
from streaming_jobs.fold.admit import DECODER
from tests.support.scene import FACILITY, SCALE, T0, frame, seen

S = 1000
WATCHED = ("IR", "MEET", "CTL", "GATE", "LINE")
"""Rooms with a camera each; the vehicle area VEH and the section FENCE have none."""


def plan(at: int = T0) -> SitePlan:
    """Rooms of 10 m by 10 m, 20 m apart, in the order IR, MEET, CTL, GATE, LINE, VEH, FENCE along x."""
    kinds = {
        "IR": "interrogation",
        "MEET": "meeting",
        "CTL": "control_room",
        "GATE": "gate",
        "LINE": "perimeter",
        "VEH": "vehicle_area",
        "FENCE": "perimeter",
    }
    zones = [
        Zone(
            id=name,
            kind=kind,  # type: ignore[arg-type]
            polygon=[(x, 0.0), (x + 10.0, 0.0), (x + 10.0, 10.0), (x, 10.0)],
            admits=["officer"] if name == "CTL" else [],
        )
        for x, (name, kind) in zip(range(0, 140, 20), kinds.items(), strict=True)
    ]
    scale = [SCALE, 0, 0, 0, SCALE, 0, 0, 0, 1]
    cameras = [Camera(id=f"cam-{z}", zones=[z], width=20_000, height=10_000, homography=scale) for z in WATCHED]
    doors = [Interlock(zone="GATE", doors=["door-a", "door-b"])]
    return SitePlan(facility=FACILITY, event_time=at, device="planner", zones=zones, cameras=cameras, interlocks=doors)


def inside(zone: str, second: int, *people: tuple[str, str]) -> Event:
    """A frame of a room: (pseudonym, role) of those in it, a metre apart."""
    x = 20.0 * WATCHED.index(zone) + 1
    found = [seen(f"t-{who}", x + n, 5, zone, subject=who, role=role) for n, (who, role) in enumerate(people)]
    return frame(T0 + second * S, *found, camera=f"cam-{zone}")


def _common(second: float, device: str) -> dict[str, Any]:
    return {"facility": FACILITY, "event_time": T0 + round(second * S), "device": device}


def _times(more: dict[str, Any]) -> dict[str, Any]:
    """Fields named ``*_at`` are given in seconds after the start."""
    return {k: T0 + v * S if k.endswith("_at") else v for k, v in more.items()}


def session(second: float, action: Any, name: str = "s-1", **more: Any) -> InterrogationSession:
    return InterrogationSession(**_common(second, "desk"), zone="IR", session=name, action=action, **_times(more))


def visit(second: float, action: Any, name: str = "v-1", **more: Any) -> VisitEvent:
    fields = {"kind": "lawyer", "subject": "d", "zone": "MEET", **_times(more)}
    return VisitEvent(**_common(second, "visits"), appointment=name, action=action, **fields)


def door(second: float, name: str, action: Any, **more: Any) -> AccessEvent:
    return AccessEvent(**_common(second, name), door=name, action=action, **{"zone": "GATE", **more})


def fence(second: float, action: Any, zone: str = "FENCE") -> PerimeterEvent:
    return PerimeterEvent(**_common(second, f"fence-{zone}"), zone=zone, action=action)


def goods(second: float, item: str, kind: Any, action: Any, **more: Any) -> VehicleGoodsEvent:
    return VehicleGoodsEvent(**_common(second, "gate"), item=item, kind=kind, action=action, **_times(more))


def health(second: float, device: str, kind: Any, state: Any, zone: str | None = None) -> DeviceHealth:
    return DeviceHealth(**_common(second, device), kind=kind, state=state, zone=zone)


def shift(second: float, name: str, starts_at: int, ends_at: int, action: Any = "plan") -> DutyShift:
    when = _times({"starts_at": starts_at, "ends_at": ends_at})
    return DutyShift(**_common(second, "roster"), shift=name, post="CTL", officer="o", action=action, **when)


def play(events: Sequence[Event], *seconds: int) -> Callable[[str, str], list[float]]:
    """Give ``(feature, key) -> its value at each of ``seconds`` after T0``; seconds without events pass unseen."""
    by_second: dict[int, list[Any]] = defaultdict(list)
    for event in sorted(events, key=lambda e: e.event_time):
        by_second[event.event_time // 1000].append(DECODER.decode(event.model_dump_json().encode()))
    start = T0 // 1000
    world = World(Plan(plan()), since_s=start)
    found = {}
    for second in sorted({*by_second, *(start + s for s in seconds)}):
        sheet = features_of(world, second, by_second[second])
        found[second - start] = sheet

    def value(second: int, feature: str, key: str) -> float:
        grid = found[second].grids[feature.split(".")[0]]  # type: ignore[index]
        return float(grid.values[grid.keys.index(key), grid.columns[feature]])

    return lambda feature, key: [value(second, feature, key) for second in seconds]
