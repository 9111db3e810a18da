"""A wing with posts, a women's block, a yard and a muster, whose features a test reads second by second.

Times are seconds after T0; the events go through the real fold in the order given, so lateness,
order and corrections are those of the stream job.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from math import nan
from typing import Any, TypeVar

from ingestion.contracts import Event, SitePlan, VideoFrame, Watermark
from ingestion.contracts.platform import Camera, PatrolRound, Zone
from streaming_jobs.features.feature import Grain
from streaming_jobs.features.registry import COLUMNS, FEATURES
from streaming_jobs.features.snapshot import Rows, Snapshot, decode
from streaming_jobs.fold.codec import decode_state, encode_state
from streaming_jobs.fold.facility import FacilityFold, FoldConfig, Outputs
from tests.support.scene import FACILITY, SCALE, T0, config, received, seen

E = TypeVar("E", bound=Event)

PLACES = (
    # zone, kind, block, whom the block is for
    ("CTL", "control_room", "", "any"),
    ("C-A", "corridor", "A", "men"),
    ("P-A", "post", "A", "men"),
    ("A1", "cell", "A", "men"),
    ("A2", "cell", "A", "men"),
    ("C-W", "corridor", "W", "women"),
    ("W1", "cell", "W", "women"),
    ("YARD", "yard", "", "any"),
    ("MUSTER", "muster", "", "any"),
)
ROOMS = {zone: 20.0 * n for n, (zone, *_) in enumerate(PLACES)}
"""Left edge (m) of each room; a room is 10 m wide."""


def wing(at: float = 0, rounds: Iterable[PatrolRound] = (), blind: Iterable[str] = ()) -> SitePlan:
    """The plan; zones in ``blind`` have no camera."""
    zones = [
        Zone(
            id=zone,
            kind=kind,  # type: ignore[arg-type]
            block=block,
            block_class=use,  # type: ignore[arg-type]
            polygon=[(ROOMS[zone], 0), (ROOMS[zone] + 10, 0), (ROOMS[zone] + 10, 10), (ROOMS[zone], 10)],
        )
        for zone, kind, block, use in PLACES
    ]
    scale = [SCALE, 0, 0, 0, SCALE, 0, 0, 0, 1]
    cameras = [
        Camera(id=f"cam-{zone}", zones=[zone], width=30_000, height=2_000, homography=scale)
        for zone in ROOMS
        if zone not in set(blind)
    ]
    return event(SitePlan, at, "planner", zones=zones, cameras=cameras, patrol_rounds=list(rounds))


def event(contract: type[E], at: float, device: str, /, **fields: Any) -> E:
    """An event of the wing, ``at`` seconds after T0; fields named ``*_at`` are given like that as well."""
    values = {name: ms(v) if name.endswith("_at") and v is not None else v for name, v in fields.items()}
    return contract(facility=FACILITY, event_time=ms(at), device=device, **values)


def ms(at: float) -> int:
    return T0 + round(at * 1000)


def look(begin: int, end: int, **people: list[tuple[str, str, str]]) -> list[VideoFrame]:
    """A frame a second of every room in [begin, end); ``people``: room (- as _) -> (pseudonym, role, motion)."""
    rooms = {name.replace("_", "-"): found for name, found in people.items()}
    return [
        event(
            VideoFrame,
            second,
            f"cam-{zone}",
            detections=[
                seen(
                    f"t-{who}", ROOMS[zone] + 2 + _step(motion, second), 2 + n, zone, subject=who, role=role,
                    motion=motion,
                )
                for n, (who, role, motion) in enumerate(rooms.get(zone, []))
            ],
        )
        for second in range(begin, end)
        for zone in ROOMS
    ]  # fmt: skip


def _step(motion: str, second: int) -> float:
    """Somebody who walks goes to and fro at 1 m/s."""
    return float(abs(second % 10 - 5)) if motion == "walking" else 0.0


@cache
def _config() -> FoldConfig:
    return replace(config(), features=True)


class Told:
    """What the fold made of some events: ``told(feature, at, key)`` and the rows for the lake."""

    def __init__(self, events: Iterable[Event], until: float, plan: SitePlan | None = None, restart: int = 0) -> None:
        """Args: restart: the state goes through bytes after this many records."""
        settings = _config()
        first = wing() if plan is None else plan
        last = event(Watermark, until, "replay", complete_to=ms(until), reason="end_of_replay")
        records = received([first, *events, last])
        fold = FacilityFold(FACILITY.encode(), settings)
        self.out = Outputs()
        self._seen: dict[int, Snapshot] = {}
        for part in (records[:restart], records[restart:]):
            out = fold.process(0, part)
            self._seen |= {row["at"] // 1000: decode(row["grids"]) for row in out.features}
            for name in ("ledger", "quarantine", "alert", "risk"):
                getattr(self.out, name).extend(getattr(out, name))
            fold = decode_state(encode_state(fold), settings)

    def __call__(self, feature: str, at: int, key: str = "") -> float:
        """The feature's value for a zone or person in a second; NaN for who has no row, being nowhere known."""
        grain = FEATURES[feature].grain
        rows = self.rows(grain, at)
        return float(rows.values[rows.keys.index(key), COLUMNS[grain][feature]]) if key in rows.keys else nan

    def rows(self, grain: Grain, at: int) -> Rows:
        """A grain's matrix of a second."""
        return self._seen[T0 // 1000 + at].grains[grain]

    def alerts(self, rule: str, verdict: str = "violation") -> list[tuple[str, str, float]]:
        """(step, zone, second it was raised) of a rule's alerts."""
        return [
            (a["step"], a["zone"], (a["raised_at"] - T0) / 1000)
            for a in self.out.alert
            if a["rule"] == rule and a["verdict"] == verdict
        ]
