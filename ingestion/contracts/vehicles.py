"""Vehicles and goods, in-house shopping, tools and keys."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import LATEST_MS, Event


class VehicleGoodsEvent(Event):
    """A vehicle, a delivery, a tool or a key moved."""

    TYPE: ClassVar[str] = "vehicle_goods"

    type: Literal["vehicle_goods"] = Field(default="vehicle_goods", description="Names the contract.")
    item: str = Field(min_length=1, max_length=64, description="Pseudonym of the vehicle, delivery, tool or key.")
    kind: Literal["vehicle", "delivery", "shopping", "tool", "key"] = Field(description="What it is.")
    action: Literal["book", "enter", "leave", "inspect", "count_out", "count_in"] = Field(description="What happened.")
    zone: str | None = Field(default=None, max_length=64, description="Where.")
    booking: str | None = Field(default=None, max_length=64, description="Booking it belongs to.")
    ends_at: int | None = Field(
        default=None, ge=0, le=LATEST_MS, description="Booked end of the stay.", json_schema_extra={"unit": "ms"}
    )
    count: int | None = Field(
        default=None, ge=0, le=100_000, description="Pieces counted.", json_schema_extra={"unit": "pieces"}
    )
