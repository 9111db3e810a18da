"""Wristbands: vital signs, wearing state, falls and the zone the band was heard in."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Event


class WristbandReading(Event):
    """One message of a detainee's wristband."""

    TYPE: ClassVar[str] = "wristband"

    type: Literal["wristband"] = Field(default="wristband", description="Names the contract.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym of the wearer.")
    zone: str | None = Field(default=None, max_length=64, description="Zone the band was heard in.")
    worn: bool = Field(description="True while the band sits on a wrist.")
    heart_rate: float | None = Field(
        default=None,
        ge=0,
        le=300,
        description="Heart rate.",
        json_schema_extra={"unit": "beats/min"},
    )
    spo2: float | None = Field(
        default=None, ge=0, le=100, description="Oxygen saturation.", json_schema_extra={"unit": "%"}
    )
    skin_temperature: float | None = Field(
        default=None, ge=0, le=60, description="Skin temperature.", json_schema_extra={"unit": "Cel"}
    )
    motion: Literal["still", "moving", "fall", "risen", "unknown"] = Field(
        default="unknown",
        description="What the band's accelerometer says: `fall` at the impact, `risen` when the wearer is up.",
    )
    battery: float | None = Field(
        default=None, ge=0, le=100, description="Battery charge.", json_schema_extra={"unit": "%"}
    )
