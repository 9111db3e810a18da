"""What the site plan says of zones beyond its own arrays: kinds, blocks, whom a block is for, planned rounds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from streaming_jobs.features.world import Bools, Longs, Plan


@dataclass(frozen=True)
class Layout:
    """Shapes: Z zones. ``block`` is a number a block, -1 for none; ``block_zone`` names the zone that stands for it."""

    cell: Bools
    control_room: Bools
    manned: Bools
    """Zones in which an officer has a post: posts and control rooms."""
    transit: Bools
    """Zones on the way from one place to another, and the yard: corridors, gates, vehicle areas, yards."""
    muster: Bools
    womens: Bools
    block: Longs
    block_zone: dict[str, str]
    rounds: dict[str, tuple[frozenset[str], float | None]]
    """Rounds of the patrol plan by their local time: zones, and the planned seconds where the plan has them."""


@lru_cache(maxsize=1024)
def layout_of(plan: Plan) -> Layout:
    """The layout of a plan, worked out once."""
    zones = plan.event.zones
    kind = np.array(plan.kind)
    names: dict[str, int] = {"": -1}
    block = np.array([names.setdefault(z.block, len(names) - 1) for z in zones], dtype=np.int64)
    block_zone: dict[str, str] = {}
    # A block's alerts are shown at its corridor; a block without one is shown at its first zone.
    for zone in sorted(zones, key=lambda z: z.kind != "corridor"):
        if zone.block:
            block_zone.setdefault(zone.block, zone.id)
    return Layout(
        cell=kind == "cell",
        control_room=kind == "control_room",
        manned=np.isin(kind, ("post", "control_room")),
        transit=np.isin(kind, ("corridor", "yard", "gate", "vehicle_area")),
        muster=kind == "muster",
        womens=np.array([z.block_class == "women" for z in zones]),
        block=block,
        block_zone=block_zone,
        rounds={
            r.at: (frozenset(r.zones), None if r.minutes is None else r.minutes * 60.0)
            for r in plan.event.patrol_rounds
        },
    )
