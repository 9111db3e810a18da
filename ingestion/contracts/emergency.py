"""Drills, evacuations and hazard checks, as ordered by the facility's leader."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import LATEST_MS, Event


class EmergencyOrder(Event):
    """An order to evacuate (in earnest or as a drill) or to check for hazards was given, corrected or closed."""

    TYPE: ClassVar[str] = "emergency"

    type: Literal["emergency"] = Field(default="emergency", description="Names the contract.")
    order: str = Field(min_length=1, max_length=64, description="Id of the order; `open` again corrects it.")
    kind: Literal["evacuation", "drill", "hazard_check"] = Field(description="What is ordered.")
    action: Literal["open", "close", "cancel"] = Field(description="What happened; a check is closed when it is done.")
    minutes: float | None = Field(
        default=None,
        ge=0,
        le=1440,
        description="Plan: everybody is at the muster zone this long after the order.",
        json_schema_extra={"unit": "min"},
    )
    expected: int | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="Head count expected at the muster zones; without it, the detainees registered here.",
        json_schema_extra={"unit": "persons"},
    )
    due_at: int | None = Field(
        default=None,
        ge=0,
        le=LATEST_MS,
        description="When a hazard check has to be done.",
        json_schema_extra={"unit": "ms"},
    )
