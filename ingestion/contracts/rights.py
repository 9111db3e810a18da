"""Registers of what people in custody are owed: hours outside and with others, a lawyer, restraints within limits."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from ingestion.contracts.base import Moment, RegisterRow


class CustodyDay(RegisterRow):
    """How a facility's people spent a local day, as counts; who they are is not in it."""

    TABLE: ClassVar[str] = "custody_day"
    KEY: ClassVar[tuple[str, ...]] = ("facility", "day")

    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    day: date = Field(description="Local day.")
    persons: int = Field(
        ge=0, description="Persons held for the whole of the day.", json_schema_extra={"unit": "persons"}
    )
    solitary: int = Field(
        ge=0,
        description="Of these, alone for 22 hours or more (Nelson Mandela Rules, rule 44).",
        json_schema_extra={"unit": "persons"},
    )
    solitary_unknown: int = Field(
        ge=0,
        description="Of these, not known whether: the hours that nobody observed decide.",
        json_schema_extra={"unit": "persons"},
    )
    prolonged: int = Field(
        ge=0,
        description="Of those in solitary confinement, whose 16th such day running it was: over 15 days (rule 44).",
        json_schema_extra={"unit": "persons"},
    )
    outside_short: int = Field(
        ge=0, description="Less than 60 minutes outside the cell (rule 23).", json_schema_extra={"unit": "persons"}
    )
    outside_unknown: int = Field(
        ge=0,
        description="Not known whether 60 minutes outside: the hours that nobody observed decide.",
        json_schema_extra={"unit": "persons"},
    )

    @field_validator("solitary", "solitary_unknown", "outside_short", "outside_unknown")
    @classmethod
    def _of_those_held(cls, part: int, info: ValidationInfo) -> int:
        unknown = str(info.field_name).endswith("_unknown")
        known = (
            info.data.get("solitary" if info.field_name == "solitary_unknown" else "outside_short", 0) if unknown else 0
        )
        persons = info.data.get("persons")
        if persons is not None and known + part > persons:
            raise ValueError(f"more than the {persons} persons of the day")
        return part

    @field_validator("prolonged")
    @classmethod
    def _of_those_in_solitary(cls, prolonged: int, info: ValidationInfo) -> int:
        solitary = info.data.get("solitary")
        if solitary is not None and prolonged > solitary:
            raise ValueError(f"more than the {solitary} in solitary confinement that day")
        return prolonged


class RestraintUse(RegisterRow):
    """Restraints that were put on somebody: since when, until when allowed, until when worn."""

    TABLE: ClassVar[str] = "restraint_use"
    KEY: ClassVar[tuple[str, ...]] = ("restraint_use",)

    restraint_use: str = Field(min_length=1, max_length=160, description="Id of the use.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    restraint: Literal["handcuffs", "leg_irons", "belt", "chair", "bed", "other"] = Field(
        description="Kind of restraint."
    )
    begun: Moment = Field(description="When it was put on (UTC, with time zone).")
    allowed_until: Moment | None = Field(
        default=None, description="Until when it is allowed, as last extended; none: the order does not say."
    )
    ended: Moment | None = Field(default=None, description="When it was taken off; none while it is on.")

    @field_validator("ended")
    @classmethod
    def _after_begin(cls, ended: datetime | None, info: ValidationInfo) -> datetime | None:
        begun = info.data.get("begun")
        if ended is not None and begun is not None and ended < begun:
            raise ValueError(f"the end {ended} lies before the beginning {begun}")
        return ended


class LawyerRequest(RegisterRow):
    """A request to see a lawyer, and whether the meeting came about."""

    TABLE: ClassVar[str] = "lawyer_request"
    KEY: ClassVar[tuple[str, ...]] = ("request",)

    request: str = Field(min_length=1, max_length=160, description="Id of the request.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    waits_from: Moment = Field(
        description="From when the wait counts (UTC, with time zone): the request, or the later time that it wished."
    )
    met: Moment | None = Field(default=None, description="When lawyer and client met; none while they did not.")
    lapsed: Moment | None = Field(
        default=None,
        description="When it fell away without a meeting: cancelled, the lawyer did not come, the person left.",
    )

    @field_validator("lapsed")
    @classmethod
    def _not_met(cls, lapsed: datetime | None, info: ValidationInfo) -> datetime | None:
        if lapsed is not None and info.data.get("met") is not None:
            raise ValueError("a request that was met is not lapsed")
        return lapsed
