"""The register of answers: what the posts made of each alert they were told of."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from ingestion.contracts.base import Moment, RegisterRow


class AlertAnswer(RegisterRow):
    """What became of an alert at the posts; no officer is in it."""

    TABLE: ClassVar[str] = "alert_answer"
    KEY: ClassVar[tuple[str, ...]] = ("alert",)

    alert: str = Field(min_length=1, max_length=64, description="Id of the alert.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    rule: str = Field(min_length=1, max_length=64, description="Rule that raised it.")
    told: Moment = Field(description="When its case was opened, or it joined one (UTC, with time zone).")
    answered: Moment | None = Field(
        default=None,
        description="First answer that counts; of an alert that joins a case already answered: when it joined.",
    )
    escalated: bool = Field(description="Its case went up a tier because nobody answered or finished it in time.")
    closed: Moment | None = Field(default=None, description="When its case was closed; none while it is open.")
    outcome: Literal["done", "false_alarm", "over"] | None = Field(
        default=None, description="How it was closed; `over`: by itself, as what it was about was over."
    )
    reason: str | None = Field(default=None, max_length=64, description="Why it was a false alarm.")

    @field_validator("answered", "closed")
    @classmethod
    def _after_it_was_told(cls, later: datetime | None, info: ValidationInfo) -> datetime | None:
        told = info.data.get("told")
        if later is not None and told is not None and later < told:
            raise ValueError(f"{later} lies before {told}, when the posts were told")
        return later

    @field_validator("outcome")
    @classmethod
    def _only_of_closed(cls, outcome: str | None, info: ValidationInfo) -> str | None:
        if outcome is not None and info.data.get("closed") is None:
            raise ValueError("an alert that is not closed has no outcome")
        return outcome
