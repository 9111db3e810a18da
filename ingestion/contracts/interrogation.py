"""Interrogation sessions: opening and closing, and the recorder's state."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import LATEST_MS, Event


class InterrogationSession(Event):
    """A step of an interrogation session in a room."""

    TYPE: ClassVar[str] = "interrogation"

    type: Literal["interrogation"] = Field(default="interrogation", description="Names the contract.")
    zone: str = Field(min_length=1, max_length=64, description="Interrogation room.")
    session: str = Field(min_length=1, max_length=64, description="Id of the session or booking.")
    action: Literal["book", "cancel", "open", "rest", "resume", "close", "recorder_up", "recorder_down"] = Field(
        description="What happened."
    )
    subject: str | None = Field(default=None, max_length=64, description="Pseudonym of the detainee.")
    officers: list[str] = Field(default_factory=list, max_length=20, description="Pseudonyms of the officers booked.")
    starts_at: int | None = Field(
        default=None, ge=0, le=LATEST_MS, description="Booked start.", json_schema_extra={"unit": "ms"}
    )
    ends_at: int | None = Field(
        default=None, ge=0, le=LATEST_MS, description="Booked end.", json_schema_extra={"unit": "ms"}
    )
    approved_at_night: bool = Field(default=False, description="An approval for rest hours exists.")
    companion: Literal["none", "female_staff", "guardian"] = Field(
        default="none", description="Companion that the law demands for this person."
    )
