"""Incidents of staff duty."""

from __future__ import annotations

from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.programme import ROUNDS
from ingestion.sources.simulator.stage import Stage

GRACE_S = 600.0


@incident("stf-01", 0)
def patrol_skips_a_cell(stage: Stage, begin: float) -> bool:
    """The last round whose ten minutes of grace still end within the simulated time leaves out a cell."""
    rounds = sorted((t, text) for text in ROUNDS for t in stage.times_of_day(text))
    fitting = [(t, text) for t, text in rounds if t + GRACE_S + 20 < stage.end]
    cells = stage.plan.cells["B"] or stage.plan.cells["A"]
    if not fitting or not cells:
        return False
    at, round_ = fitting[-1]
    cell = cells[int(stage.rng.integers(len(cells)))]
    stage.skipped_visits.add((round_, cell))
    following = next((t for t, _ in rounds if t > at), stage.end)
    stage.expect("stf-01", "patrol_skips_a_cell", cell, [], at + GRACE_S, following)
    return True
