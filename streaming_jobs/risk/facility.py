"""Live risk of a facility: load, staffing, open alerts, blind cameras and overdue work, by the same arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np

from streaming_jobs.features.compute import WIRING
from streaming_jobs.features.register import register_of
from streaming_jobs.features.world import World
from streaming_jobs.risk.person import REVIEW_S
from streaming_jobs.risk.record import DAY_S, Record
from streaming_jobs.risk.scored import Cards

LOOK_S = 10  # seconds between two looks while no alert is raised or cleared
BLIND_S = 60  # a camera without a good frame for longer is blind
REPLY_S = 7 * DAY_S  # a complaint is to be answered within this time (site setting)
MOVED = 1.0  # points; a smaller move is no row of its own
OVERDUE_RULES = frozenset({"stf-01", "stf-11", "stf-12", "hlt-04", "hlt-04b", "hlt-04c", "int-10", "cel-17", "env-02b"})
"""Rules whose open alert is work that should have been done: rounds, reports, answers, care, meetings, checks."""


def numbers_of(
    world: World, open_alerts: Iterable[Mapping[str, Any]], waiting: Iterable[int], reviews: int, second: int
) -> dict[str, float | None]:
    """The facility's inputs at a second; None for what is not known.

    Args:
        open_alerts: rows of ``silver.alert``. waiting: filing (s) of complaints that are not answered.
        reviews: custody codes whose review is overdue.
    """
    plan, detainees = world.plan, len(register_of(world).group)
    places = float(np.nansum(plan.capacity[plan.is_cell]))
    roster = WIRING.state(world, "posts")
    officers = sum(roster.rostered.values())
    alerts = [a for a in open_alerts if a["verdict"] == "violation" and a["mode"] == "active"]
    blind = [
        name
        for name in plan.cameras
        if world.camera_state.get(name, "ok") != "ok" or second - world.frame_s.get(name, world.since_s) > BLIND_S
    ]
    overdue = sum(a["rule"] in OVERDUE_RULES for a in alerts) + sum(second - s > REPLY_S for s in waiting)
    return {
        "load": round(detainees / places, 3) if places else None,
        "detainees_per_officer": round(detainees / max(1.0, officers), 2) if roster.shifts else None,
        "alerts_critical": float(sum(a["severity"] == "critical" for a in alerts)),
        "alerts_major": float(sum(a["severity"] == "major" for a in alerts)),
        "blind_cameras": round(len(blind) / len(plan.cameras), 3) if plan.cameras else None,
        "overdue_work": float(overdue + reviews),
    }


class FacilityRisk:
    """The record of one facility."""

    def __init__(self) -> None:
        self.record = Record()
        self.points: dict[str, float] = {}  # by mode, as last shown

    def update(
        self, facility: str, cards: Cards, numbers: Mapping[str, float | None], second: int, on: date
    ) -> list[dict[str, Any]]:
        """Rows where a level changed, points moved by one or more, or an hour has passed."""
        record = self.record
        before = dict(record.levels)
        probe = Record(known={n: [self._since(n, second, v)] for n, v in numbers.items()}, levels=record.levels)
        found = [(one, *one.judge(probe, second, on)) for one in cards.scored]
        moved = any(abs(result.points - self.points.get(one.mode, -MOVED)) >= MOVED for one, result, _ in found)
        if not moved and record.levels == before and second - record.scored_s < REVIEW_S:
            return []
        for name, value in numbers.items():
            record.know(name, second, value)
        record.scored_s = second
        self.points = {one.mode: result.points for one, result, _ in found}
        return [one.row(facility, facility, record, second, on, result) for one, result, _ in found]

    def _since(self, name: str, second: int, value: float | None) -> tuple[int, float | None]:
        since, known = self.record.value(name, second)
        return (since, value) if known == value and since else (second, value)
