"""Access control: doors, badges and the people that a door sensor counted."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Event
from ingestion.contracts.video import Role


class AccessEvent(Event):
    """A door opened, closed, was forced, refused a badge or counted people through."""

    TYPE: ClassVar[str] = "access"

    type: Literal["access"] = Field(default="access", description="Names the contract.")
    door: str = Field(min_length=1, max_length=64, description="Door of the site plan.")
    zone: str = Field(min_length=1, max_length=64, description="Zone that the door leads into.")
    action: Literal["open", "close", "forced", "refused", "passage"] = Field(description="What the door did.")
    badge: str | None = Field(default=None, max_length=64, description="Pseudonym of the badge shown.")
    role: Role = Field(default="unknown", description="Role that the badge carries.")
    persons: int = Field(
        default=0,
        ge=0,
        le=500,
        description="People counted through at a passage.",
        json_schema_extra={"unit": "persons"},
    )
