"""Two cells, a corridor and a yard, and the features of each second of a scene in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ingestion.contracts import Event, SitePlan
from ingestion.contracts.platform import Camera, Gathering, Zone
from streaming_jobs.features.compute import features_of
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import Plan, World
from tests.support.scene import FACILITY, SCALE, T0, frame, person, seen

S = 1000
CAMERAS = ("cam-C1", "cam-C2", "cam-way", "cam-yard")


def _box(x: float, w: float) -> list[tuple[float, float]]:
    return [(x, 0.0), (x + w, 0.0), (x + w, 10.0), (x, 10.0)]


def cells(gatherings: Sequence[Gathering] = (), capacity: int | None = 2) -> SitePlan:
    """C1 and C2 (places for two, bed and toilet in C1), the corridor WAY, the YARD; a vault without camera."""
    zones = [
        Zone(id="C1", kind="cell", block="A", polygon=_box(0, 10), capacity=capacity),
        Zone(id="C1/bed", kind="bed", block="A", parent="C1", polygon=_box(0, 2), capacity=2),
        Zone(id="C1/wc", kind="toilet", block="A", parent="C1", polygon=_box(2, 2), capacity=1),
        Zone(id="C2", kind="cell", block="A", polygon=_box(10, 10), capacity=capacity),
        Zone(id="WAY", kind="corridor", block="A", polygon=_box(20, 20)),
        Zone(id="YARD", kind="yard", polygon=_box(40, 20), running_allowed=True),
        Zone(id="VAULT", kind="open", polygon=_box(60, 5)),
    ]
    homography = [SCALE, 0, 0, 0, SCALE, 0, 0, 0, 1]
    cameras = [
        Camera(id=f"cam-{name}", zones=[zone], width=10_000, height=10_000, homography=homography)
        for name, zone in (("C1", "C1"), ("C2", "C2"), ("way", "WAY"), ("yard", "YARD"))
    ]
    return SitePlan(
        facility=FACILITY, event_time=T0, device="planner", zones=zones, cameras=cameras, gatherings=list(gatherings)
    )


def at(second: float) -> int:
    """Event time (ms) of a second of the scene."""
    return T0 + round(second * S)


def detainee(subject: str, cell: str | None = "C1", second: float = 0, **facts: Any) -> Event:
    return person(subject, at(second), role="detainee", block="A", cell=cell, **facts)


def there(second: int, *who: tuple[str, str, float], dark: Sequence[str] = (), **more: Any) -> list[Event]:
    """Frames of all cameras that are not dark: ``who`` are (subject, zone, x in m) of detainees."""
    camera_of = {"C1": "cam-C1", "C1/bed": "cam-C1", "C1/wc": "cam-C1", "C2": "cam-C2", "WAY": "cam-way"}
    shown: dict[str, list[Any]] = {name: [] for name in CAMERAS if name not in dark}
    for subject, zone, x in who:
        camera = camera_of.get(zone, "cam-yard")
        if camera in shown:
            fields = {"subject": subject, "role": "detainee", **more}
            shown[camera].append(seen(f"k-{subject}", x, 5.0, zone, **fields))
    return [frame(at(second) + 500, *people, camera=camera) for camera, people in shown.items()]


class Watch:
    """The features of a scene, second by second."""

    def __init__(self, plan: SitePlan | None = None) -> None:
        self.world = World(Plan(plan or cells()), since_s=T0 // S)
        self.sheet: Sheet

    def see(self, second: int, events: Iterable[Event] = ()) -> Watch:
        """Decide a second of the scene."""
        ordered = sorted(events, key=lambda e: e.event_time)
        self.sheet = features_of(self.world, T0 // S + second, ordered)
        return self

    def __call__(self, feature: str, key: str) -> float:
        """A feature's value in the last second."""
        grid = self.sheet.grids[feature.split(".")[0]]  # type: ignore[index]
        return float(grid.values[grid.keys.index(key), grid.columns[feature]])
