"""The duty roster: who has to be at which post, when."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import LATEST_MS, Event


class DutyShift(Event):
    """A shift of the roster, and its sign-on and sign-off."""

    TYPE: ClassVar[str] = "duty"

    type: Literal["duty"] = Field(default="duty", description="Names the contract.")
    shift: str = Field(min_length=1, max_length=64, description="Id of the shift.")
    post: str = Field(min_length=1, max_length=64, description="Post.")
    officer: str = Field(min_length=1, max_length=64, description="Pseudonym of the officer.")
    action: Literal["plan", "cancel", "sign_on", "sign_off"] = Field(description="What happened.")
    zone: str | None = Field(default=None, max_length=64, description="Zone of the post.")
    starts_at: int | None = Field(
        default=None, ge=0, le=LATEST_MS, description="Planned start.", json_schema_extra={"unit": "ms"}
    )
    ends_at: int | None = Field(
        default=None, ge=0, le=LATEST_MS, description="Planned end.", json_schema_extra={"unit": "ms"}
    )
    closed_duty: bool = Field(default=False, description="True for a shift under closed duty (封闭执勤).")
