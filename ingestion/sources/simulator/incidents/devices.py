"""Incidents of the platform's own eyes."""

from __future__ import annotations

from ingestion.sources.simulator.incidents.kinds import incident
from ingestion.sources.simulator.stage import Stage

BLIND_S = 60.0


@incident("dev-01", 240)
def camera_down(stage: Stage, begin: float) -> bool:
    """A cell's camera gives no picture for two and a half minutes; every zone it watches is blind."""
    cells = stage.plan.cells["A"]
    if not cells:
        return False
    cell = cells[-1]
    camera, until = f"cam-{cell}", begin + 150
    stage.blind.append((camera, begin, until))
    stage.post(begin + 5, "device", camera, zone=cell, kind="camera", state="silent", detail="no_signal")
    stage.post(until, "device", camera, zone=cell, kind="camera", state="ok")
    view = next(v for v in stage.plan.views if v.id == camera)
    for zone in view.zones:
        stage.expect("dev-01", "camera_down", zone, [], begin + BLIND_S, until)
    return True
