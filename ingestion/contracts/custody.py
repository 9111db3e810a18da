"""The custody register: places, stays, leaves, head counts, deaths, reported counts."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from ingestion.contracts.base import RegisterRow

Tier = Literal["nation", "province", "city"]
PopulationGroup = Literal["prisoners", "staff"]


class AdminUnit(RegisterRow):
    """An administrative unit of the three tiers: nation (ministry), province, city."""

    TABLE: ClassVar[str] = "admin_unit"
    KEY: ClassVar[tuple[str, ...]] = ("unit",)

    unit: str = Field(min_length=1, max_length=64, description="Code of the unit, e.g. 00, 33, 3301.")
    tier: Tier = Field(description="Tier of the unit.")
    parent: str | None = Field(default=None, max_length=64, description="Unit above; none for the nation.")
    name_en: str = Field(min_length=1, max_length=200, description="Name in English.")
    name_zh: str = Field(min_length=1, max_length=200, description="Name in Chinese.")


class Facility(RegisterRow):
    """A facility (所) of a city."""

    TABLE: ClassVar[str] = "facility"
    KEY: ClassVar[tuple[str, ...]] = ("facility",)

    facility: str = Field(min_length=1, max_length=64, description="Id of the facility.")
    unit: str = Field(min_length=1, max_length=64, description="Administrative unit (city) it belongs to.")
    name_en: str = Field(min_length=1, max_length=200, description="Name in English.")
    name_zh: str = Field(min_length=1, max_length=200, description="Name in Chinese.")
    facility_type: Literal["detention_centre", "short_stay", "compulsory_treatment", "prison", "jail", "other"] = Field(
        description="Type of facility."
    )
    capacity: int | None = Field(default=None, ge=0, description="Places.", json_schema_extra={"unit": "persons"})
    opened: date | None = Field(default=None, description="First day of operation.")
    closed: date | None = Field(default=None, description="First day it no longer operated.")


class Stay(RegisterRow):
    """A stay of a person in a facility; end-exclusive days."""

    TABLE: ClassVar[str] = "stay"
    KEY: ClassVar[tuple[str, ...]] = ("stay",)

    stay: str = Field(min_length=1, max_length=64, description="Id of the stay.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym.")
    admitted: date = Field(description="Day of admission.")
    released: date | None = Field(default=None, description="Day of release (not counted).")
    release_kind: Literal["released", "sentenced", "transferred", "died", "escaped", "open"] = Field(
        default="open", description="How the stay ended."
    )
    sex: Literal["female", "male", "unknown"] = Field(default="unknown", description="For separation and rates.")
    age_band: Literal["under_18", "18_24", "25_39", "40_59", "60_plus", "unknown"] = Field(
        default="unknown", description="Age band at admission."
    )


class TemporaryLeave(RegisterRow):
    """A time out of the facility within a stay: hospital, court, transport. The person stays in custody and counts."""

    TABLE: ClassVar[str] = "temporary_leave"
    KEY: ClassVar[tuple[str, ...]] = ("leave",)

    leave: str = Field(min_length=1, max_length=64, description="Id of the leave.")
    stay: str = Field(min_length=1, max_length=64, description="Stay it lies in.")
    facility: str = Field(min_length=1, max_length=64, description="Facility that goes on holding the person.")
    reason: Literal["hospital", "court", "identification", "family", "transport", "other"] = Field(
        description="Why the person is out; `family` is a leave for a death or illness of relatives."
    )
    left_on: date = Field(description="Day the person left.")
    returned_on: date | None = Field(default=None, description="Day the person came back; none while out.")

    @field_validator("returned_on")
    @classmethod
    def _after_leaving(cls, returned: date | None, info: ValidationInfo) -> date | None:
        left = info.data.get("left_on")
        if returned is not None and left is not None and returned < left:
            raise ValueError(f"the return {returned} lies before the leave {left}")
        return returned


class PopulationCount(RegisterRow):
    """A head count of a place on a day, where stays are not known or to check them."""

    TABLE: ClassVar[str] = "population_count"
    KEY: ClassVar[tuple[str, ...]] = ("place", "day", "population_group")

    place: str = Field(min_length=1, max_length=64, description="Facility or administrative unit counted.")
    place_kind: Literal["facility", "unit"] = Field(description="Which of the two `place` is.")
    day: date = Field(description="Day of the count.")
    population_group: PopulationGroup = Field(default="prisoners", description="Who is counted.")
    population: int = Field(ge=0, description="People counted.", json_schema_extra={"unit": "persons"})


class Death(RegisterRow):
    """A death in custody; its class may be pending and be corrected by a later row."""

    TABLE: ClassVar[str] = "death"
    KEY: ClassVar[tuple[str, ...]] = ("death",)

    death: str = Field(min_length=1, max_length=64, description="Id of the death.")
    facility: str = Field(min_length=1, max_length=64, description="Facility that held the person.")
    subject: str | None = Field(default=None, max_length=64, description="Pseudonym.")
    died: date | None = Field(default=None, description="Day of death; none where only the year is known.")
    year: int = Field(
        ge=1900,
        le=2100,
        description="Year of death; that of the day where one is given.",
        json_schema_extra={"unit": "year"},
    )
    place: Literal["on_site", "hospital", "transit", "unknown"] = Field(
        default="unknown", description="Where the person died; off-site deaths count."
    )
    death_class: Literal[
        "illness", "self_inflicted", "homicide", "accident", "other_unnatural", "pending", "unknown"
    ] = Field(description="Class of the cause; `pending` while it is being found out.")
    sex: Literal["female", "male", "unknown"] = Field(default="unknown", description="Sex.")
    withdrawn: bool = Field(default=False, description="True where a later row takes the death back.")

    @field_validator("year")
    @classmethod
    def _of_the_day(cls, year: int, info: ValidationInfo) -> int:
        died = info.data.get("died")
        if died is not None and died.year != year:
            raise ValueError(f"the day of death {died} lies in another year")
        return year


class ReportedCount(RegisterRow):
    """A count that somebody reports for a place: cumulative to a day, or for a period."""

    TABLE: ClassVar[str] = "reported_count"
    KEY: ClassVar[tuple[str, ...]] = ("place", "measure", "population_group", "day")

    place: str = Field(min_length=1, max_length=64, description="Facility or administrative unit.")
    place_kind: Literal["facility", "unit"] = Field(description="Which of the two `place` is.")
    measure: str = Field(
        min_length=1, max_length=64, pattern=r"^[a-z0-9_]+$", description="What is counted, e.g. deaths, cases."
    )
    population_group: PopulationGroup = Field(default="prisoners", description="Among whom.")
    day: date = Field(description="Day of the report, or last day of the period.")
    period_from: date | None = Field(
        default=None, description="First day of the period; none where the count is cumulative or the period not known."
    )
    cumulative: bool = Field(description="True where the value counts everything up to the day.")
    value: int = Field(ge=0, description="The count.", json_schema_extra={"unit": "count"})

    @field_validator("period_from")
    @classmethod
    def _within(cls, period_from: date | None, info: ValidationInfo) -> date | None:
        day = info.data.get("day")
        if period_from is not None and day is not None and period_from > day:
            raise ValueError(f"the period's first day {period_from} lies after its last, {day}")
        return period_from
