"""Lawyer and family visits and their appointments."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import LATEST_MS, Event


class VisitEvent(Event):
    """A step of an appointment or visit."""

    TYPE: ClassVar[str] = "visit"

    type: Literal["visit"] = Field(default="visit", description="Names the contract.")
    appointment: str = Field(min_length=1, max_length=64, description="Id of the appointment.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym of the detainee.")
    kind: Literal["lawyer", "family", "consular"] = Field(description="Who visits.")
    action: Literal["request", "escalate", "book", "cancel", "open", "close", "no_show", "audio_on", "audio_off"] = (
        Field(description="What happened; escalate: the desk found no lawful place, a person must find one.")
    )
    zone: str | None = Field(default=None, max_length=64, description="Meeting room.")
    no_contact: bool = Field(default=False, description="True where contact is not allowed in this visit.")
    screen: bool = Field(default=False, description="By screen: the visitor is not in the room.")
    starts_at: int | None = Field(
        default=None,
        ge=0,
        le=LATEST_MS,
        description="Booked start; of a request: from when its wait counts, where it is made long before.",
        json_schema_extra={"unit": "ms"},
    )
    ends_at: int | None = Field(
        default=None, ge=0, le=LATEST_MS, description="Booked end.", json_schema_extra={"unit": "ms"}
    )
    visitors: int = Field(
        default=1, ge=0, le=20, description="Visitors expected.", json_schema_extra={"unit": "persons"}
    )
