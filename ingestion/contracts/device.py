"""Device health: what the platform knows of its own eyes."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Event


class DeviceHealth(Event):
    """The state of a camera, recorder, sensor or gateway."""

    TYPE: ClassVar[str] = "device"

    type: Literal["device"] = Field(default="device", description="Names the contract.")
    zone: str | None = Field(default=None, max_length=64, description="Zone the device covers, where it covers one.")
    kind: Literal["camera", "recorder", "sensor", "wristband", "gateway"] = Field(description="Kind of device.")
    state: Literal["ok", "dark", "frozen", "blurred", "tampered", "silent", "down"] = Field(
        description="State; everything but `ok` makes what the device watches unobservable."
    )
    detail: Literal["none", "low_luma", "low_contrast", "no_change", "scene_changed", "no_signal"] = Field(
        default="none", description="Why the state was set."
    )
