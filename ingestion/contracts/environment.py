"""Environment sensors: temperature, humidity, CO2, smoke, gas."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Event


class EnvironmentReading(Event):
    """One reading of a room sensor."""

    TYPE: ClassVar[str] = "environment"

    type: Literal["environment"] = Field(default="environment", description="Names the contract.")
    zone: str = Field(min_length=1, max_length=64, description="Zone of the sensor.")
    temperature: float | None = Field(
        default=None, ge=-60, le=1200, description="Air temperature.", json_schema_extra={"unit": "Cel"}
    )
    humidity: float | None = Field(
        default=None, ge=0, le=100, description="Relative humidity.", json_schema_extra={"unit": "%"}
    )
    co2: float | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="CO2 concentration by volume.",
        json_schema_extra={"unit": "ppm"},
    )
    light: float | None = Field(
        default=None, ge=0, le=200_000, description="Illuminance.", json_schema_extra={"unit": "lx"}
    )
    alarm: Literal["none", "smoke", "gas", "heat", "fire"] = Field(
        default="none", description="Alarm raised by the sensor itself."
    )
