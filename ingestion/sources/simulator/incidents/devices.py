"""Incidents of the platform's own eyes."""

from __future__ import annotations

from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.programme import ROUNDS
from ingestion.sources.simulator.stage import Stage

BLIND_S = 60.0


@incident("dev-01", 240)
def camera_down(stage: Stage, begin: float) -> bool:
    """A cell's camera gives no picture for two and a half minutes."""
    cells = stage.plan.cells["A"]
    # Away from the rounds: else the patrol of the blind cell would be unobservable as well.
    rounds = [t for text in ROUNDS for t in stage.times_of_day(text)]
    if not cells or any(begin - 120 < t < begin + 240 for t in rounds):
        return False
    cell = cells[-1]
    camera, until = f"cam-{cell}", begin + 150
    stage.blind.append((camera, begin, until))
    stage.post(begin + 5, "device", camera, zone=cell, kind="camera", state="silent", detail="no_signal")
    stage.post(until, "device", camera, zone=cell, kind="camera", state="ok")
    stage.expect("dev-01", "camera_down", cell, [], begin + BLIND_S, until)
    return True
