"""Corrections of a person's risk record."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import EARLIEST_MS, LATEST_MS, Event


class RiskCorrection(Event):
    """A happening is struck from a person's record: it counts no more, in any scorecard.

    A fact is corrected where it comes from: by the register's, the medical post's or the assessor's next event.
    """

    TYPE: ClassVar[str] = "risk_correction"

    type: Literal["risk_correction"] = Field(default="risk_correction", description="Names the contract.")
    correction: str = Field(min_length=1, max_length=64, description="Id of the correction.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym.")
    input: str = Field(
        min_length=1, max_length=64, pattern=r"^[a-z0-9_.-]+$", description="Kind of happening, e.g. alert.cel-01."
    )
    happened_at: int = Field(
        ge=EARLIEST_MS,
        le=LATEST_MS,
        description="When it happened, as the score shows it.",
        json_schema_extra={"unit": "ms"},
    )
    ground: Literal["false_alarm", "wrong_person", "entered_wrongly", "appeal_upheld"] = Field(
        description="Class of the reason."
    )
    by: str = Field(min_length=1, max_length=64, description="Pseudonym of the officer who answers for it.")
