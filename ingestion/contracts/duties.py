"""Registers of what staff owe: patrols, drills, complaints, medical duty."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from ingestion.contracts.base import Moment, RegisterRow


class PatrolVisit(RegisterRow):
    """A visit that the patrol plan asks for at a point, and whether it was seen to happen."""

    TABLE: ClassVar[str] = "patrol_visit"
    KEY: ClassVar[tuple[str, ...]] = ("visit",)

    visit: str = Field(min_length=1, max_length=64, description="Id of the planned visit.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    zone: str = Field(min_length=1, max_length=64, description="Zone to be visited.")
    scheduled: Moment = Field(description="When it is due (UTC, with time zone).")
    tolerance_minutes: int = Field(
        ge=0, le=1440, description="A visit this long after it was due is on time.", json_schema_extra={"unit": "min"}
    )
    visited: Moment | None = Field(default=None, description="When somebody came; none where nobody was seen to come.")
    observable: bool = Field(
        description="False where neither camera nor check-in point worked, so that nobody knows whether somebody came."
    )

    @field_validator("observable")
    @classmethod
    def _seen_is_observable(cls, observable: bool, info: ValidationInfo) -> bool:
        if info.data.get("visited") is not None and not observable:
            raise ValueError("a visit that was seen was observable")
        return observable


class Drill(RegisterRow):
    """A drill: planned, held or not, and how it went."""

    TABLE: ClassVar[str] = "drill"
    KEY: ClassVar[tuple[str, ...]] = ("drill",)

    drill: str = Field(min_length=1, max_length=64, description="Id of the drill.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    kind: Literal["fire", "evacuation", "escape", "riot", "medical", "infection", "power_failure"] = Field(
        description="What is practised."
    )
    planned: date = Field(description="Day it is planned for.")
    held: date | None = Field(default=None, description="Day it was held; none while open or missed.")
    result: Literal["open", "passed", "failed"] = Field(default="open", description="Outcome.")
    response_seconds: int | None = Field(
        default=None, ge=0, le=86_400, description="Time until the post had answered.", json_schema_extra={"unit": "s"}
    )


class ComplaintRecord(RegisterRow):
    """A complaint of a person held or of relatives: class and dates only, no text."""

    TABLE: ClassVar[str] = "complaint_record"
    KEY: ClassVar[tuple[str, ...]] = ("complaint",)

    complaint: str = Field(min_length=1, max_length=64, description="Id of the complaint.")
    facility: str = Field(min_length=1, max_length=64, description="Facility complained of.")
    category: Literal["treatment", "force", "medical", "living_conditions", "contact", "property", "legal", "other"] = (
        Field(description="What it is about.")
    )
    about_staff: bool = Field(description="True where it is about the conduct of staff.")
    received: date = Field(description="Day it was received.")
    due: date = Field(description="Day by which it must be answered.")
    answered: date | None = Field(default=None, description="Day it was answered; none while open.")
    outcome: Literal["open", "upheld", "partly_upheld", "not_upheld", "withdrawn"] = Field(
        default="open", description="Outcome."
    )

    @field_validator("answered")
    @classmethod
    def _after_receipt(cls, answered: date | None, info: ValidationInfo) -> date | None:
        received = info.data.get("received")
        if answered is not None and received is not None and answered < received:
            raise ValueError(f"the answer {answered} lies before the receipt {received}")
        return answered


class MedicalDuty(RegisterRow):
    """A medical duty that fell due: rounds, examinations on admission, medication, consultations."""

    TABLE: ClassVar[str] = "medical_duty"
    KEY: ClassVar[tuple[str, ...]] = ("duty",)

    duty: str = Field(min_length=1, max_length=64, description="Id of the duty.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    kind: Literal["admission_examination", "round", "medication", "remote_consultation", "hospital_transfer"] = Field(
        description="Which duty."
    )
    due: Moment = Field(description="When it had to be done (UTC, with time zone).")
    done: Moment | None = Field(default=None, description="When it was done; none while open or missed.")
    refused: bool = Field(default=False, description="True where the person refused; then it was offered and is met.")
    subject: str | None = Field(default=None, max_length=64, description="Pseudonym; none for a round.")
