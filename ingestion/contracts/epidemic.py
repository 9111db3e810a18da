"""Measures against an epidemic, as events that rules and visits follow and as the register that figures are made of."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from ingestion.contracts.base import LATEST_MS, Event, Moment, RegisterRow

Measure = Literal["quarantine", "fever_cluster", "visit_stop"]


class EpidemicMeasure(Event):
    """A measure is imposed or lifted; a later event with the same measure replaces this one."""

    TYPE: ClassVar[str] = "epidemic_measure"

    type: Literal["epidemic_measure"] = Field(default="epidemic_measure", description="Names the contract.")
    measure: str = Field(min_length=1, max_length=64, description="Id of the measure.")
    kind: Measure = Field(description="Quarantine; a cluster of fevers that is looked into; a stop of visits.")
    action: Literal["impose", "lift"] = Field(
        description="Imposed with its times, or lifted: it ends now if it has not."
    )
    block: str = Field(default="", max_length=64, description="Block it is for; empty: the whole facility.")
    subject: str | None = Field(default=None, max_length=64, description="Pseudonym, where it is for one person only.")
    starts_at: int | None = Field(
        default=None, ge=0, le=LATEST_MS, description="Begin; none: at once.", json_schema_extra={"unit": "ms"}
    )
    ends_at: int | None = Field(
        default=None, ge=0, le=LATEST_MS, description="End; none: until it is lifted.", json_schema_extra={"unit": "ms"}
    )
    by: str = Field(min_length=1, max_length=64, description="Pseudonym of the officer who ordered it.")


class EpidemicRecord(RegisterRow):
    """A measure of a facility or a block, for figures; one for a single person is that person's health, not entered."""

    TABLE: ClassVar[str] = "epidemic_record"
    KEY: ClassVar[tuple[str, ...]] = ("measure",)

    measure: str = Field(min_length=1, max_length=64, description="Id of the measure, that of its events.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    kind: Measure = Field(description="Quarantine; a cluster of fevers that is looked into; a stop of visits.")
    block: str = Field(default="", max_length=64, description="Block it is for; empty: the whole facility.")
    starts: Moment = Field(description="From when it is in force (UTC, with time zone).")
    ends: Moment | None = Field(default=None, description="Until when; none: until it is lifted.")

    @field_validator("ends")
    @classmethod
    def _ends_after_it_starts(cls, ends: datetime | None, info: ValidationInfo) -> datetime | None:
        starts = info.data.get("starts")
        if ends is not None and starts is not None and ends < starts:
            raise ValueError("a measure ends after it starts, or at the same moment where it was taken back")
        return ends
