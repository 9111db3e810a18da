"""Perimeter protection: fences, walls, lines."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Event


class PerimeterEvent(Event):
    """A sensor on the perimeter reports."""

    TYPE: ClassVar[str] = "perimeter"

    type: Literal["perimeter"] = Field(default="perimeter", description="Names the contract.")
    zone: str = Field(min_length=1, max_length=64, description="Perimeter section of the site plan.")
    action: Literal["crossing", "climb", "cut", "vibration", "restored"] = Field(description="What the sensor saw.")
    direction: Literal["in", "out", "unknown"] = Field(default="unknown", description="Direction of a crossing.")
    strength: float = Field(
        default=1.0, ge=0, le=1, description="Signal strength, 0 to 1.", json_schema_extra={"unit": "ratio"}
    )
