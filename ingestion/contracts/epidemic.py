"""Measures against an epidemic: each in force for a time, at a facility, a block or for one person."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import LATEST_MS, Event


class EpidemicMeasure(Event):
    """A measure is imposed or lifted; a later event with the same measure replaces this one."""

    TYPE: ClassVar[str] = "epidemic_measure"

    type: Literal["epidemic_measure"] = Field(default="epidemic_measure", description="Names the contract.")
    measure: str = Field(min_length=1, max_length=64, description="Id of the measure.")
    kind: Literal["quarantine", "fever_cluster", "visit_stop"] = Field(
        description="Quarantine; a cluster of fevers that is looked into; a stop of visits."
    )
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
