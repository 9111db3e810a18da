"""Whether a record may enter: its bytes, its contract, its key, its plan, its time."""

from __future__ import annotations

from typing import Any

from ingestion.contracts.decode import DECODER, DETAIL, Refusal, decode
from streaming_jobs.features.world import Plan

__all__ = ["DECODER", "DETAIL", "Refusal", "check_place", "check_time", "decode"]


def check_time(event: Any, received_at: int, tolerance_ms: int) -> Refusal | None:
    """An event may be ahead of its receipt by the tolerance only."""
    ahead = max(event.event_time, getattr(event, "complete_to", 0)) - received_at
    if ahead <= tolerance_ms:
        return None
    return Refusal("ahead_of_time", f"its time is {ahead / 1000:.0f} s ahead of its receipt; set the device's clock")


def check_place(event: Any, plan: Plan) -> Refusal | None:
    """Zones, cameras and image positions must be those of the site plan."""
    if type(event).__name__ == "VideoFrame":
        camera = plan.camera_index.get(event.device)
        if camera is None:
            return Refusal("unknown_device", f"camera {event.device!r} is not in the site plan; add it there")
        # A foot point may lie outside the image (a body cut off by its edge), by an image at most.
        width, height = plan.cameras_px[camera]
        right, bottom, zones = 2 * width, 2 * height, plan.zone_index
        for seen in event.detections:
            if seen.zone not in zones:
                return Refusal("unknown_zone", f"{_at(event, seen)}.zone {seen.zone!r} is not in the site plan")
            if not (-width <= seen.x <= right and -height <= seen.y <= bottom):
                return Refusal(
                    "impossible_coordinates",
                    f"{_at(event, seen)} at ({seen.x:g}, {seen.y:g}) px, image {width:g} x {height:g} px",
                )
        return None
    for name in ("zone", "cell"):
        zone = getattr(event, name, None)
        if zone is not None and zone not in plan.zone_index:
            return Refusal("unknown_zone", f"{name} {zone!r} is not in the site plan")
    return None


def _at(frame: Any, detection: Any) -> str:
    return f"detections[{frame.detections.index(detection)}]"
