"""The incident register: accidents and incidents by the catalogue of types, and who was involved in which role."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from ingestion.contracts.base import Moment, RegisterRow
from ingestion.contracts.incident_types import incident_types


class Incident(RegisterRow):
    """An accident or incident; persons involved are counted by role."""

    TABLE: ClassVar[str] = "incident"
    KEY: ClassVar[tuple[str, ...]] = ("incident",)

    incident: str = Field(min_length=1, max_length=64, description="Id of the incident.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    happened: Moment = Field(description="When it happened (UTC, with time zone).")
    family: Literal["violence", "self_harm", "escape", "health", "fire_environment", "staff_conduct", "other"] = Field(
        description="Family of the type."
    )
    incident_type: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[a-z0-9_]+$",
        description="Type of the catalogue (`incident_types.yaml`), in use on the day, of this family.",
    )
    severity: Literal["minor", "serious", "major"] = Field(description="Severity.")
    detainees_involved: int = Field(
        default=0, ge=0, le=10_000, description="Detainees.", json_schema_extra={"unit": "persons"}
    )
    staff_involved: int = Field(default=0, ge=0, le=10_000, description="Staff.", json_schema_extra={"unit": "persons"})
    withdrawn: bool = Field(default=False, description="True where a later row takes the incident back.")

    @field_validator("incident_type")
    @classmethod
    def _of_the_catalogue(cls, name: str, info: ValidationInfo) -> str:
        family, happened = info.data.get("family"), info.data.get("happened")
        if family is None or happened is None:
            return name
        found = incident_types()[family].get(name)
        if found is None:
            raise ValueError(f"no such type in the family {family}; it has {', '.join(incident_types()[family])}")
        if not found.holds_on(happened.date()):
            raise ValueError(f"the type is not in use on {happened.date()}")
        return name


class IncidentPerson(RegisterRow):
    """A person involved in an incident, by role; nobody is named, and a detainee is a pseudonym or not told at all."""

    TABLE: ClassVar[str] = "incident_person"
    KEY: ClassVar[tuple[str, ...]] = ("involvement",)

    involvement: str = Field(min_length=1, max_length=64, description="Id of the involvement.")
    incident: str = Field(min_length=1, max_length=64, description="Incident.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    person_group: Literal["detainee", "staff", "visitor", "other"] = Field(description="Which group the person is of.")
    role: Literal["victim", "alleged", "witness", "responder", "affected"] = Field(
        description="Role; `alleged` until it is settled who did it, `affected` where nobody did."
    )
    injury: Literal["none", "minor", "serious", "fatal", "unknown"] = Field(
        default="unknown", description="How badly the person was hurt."
    )
    subject: str | None = Field(default=None, max_length=64, description="Pseudonym.")
