"""Medical duty: examinations, rounds, medication, consultations, temperatures."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import LATEST_MS, Event


class MedicalEvent(Event):
    """A medical duty fell due or was done."""

    TYPE: ClassVar[str] = "medical"

    type: Literal["medical"] = Field(default="medical", description="Names the contract.")
    subject: str | None = Field(default=None, max_length=64, description="Pseudonym of the detainee; none for a round.")
    zone: str | None = Field(default=None, max_length=64, description="Where it happened.")
    duty: Literal["admission_examination", "round", "medication", "remote_consultation", "temperature"] = Field(
        description="Which duty."
    )
    action: Literal["due", "done", "refused", "asked", "answered"] = Field(description="What happened.")
    order: str | None = Field(
        default=None, max_length=64, description="Id of the order; a later event with the same id corrects it."
    )
    due_at: int | None = Field(
        default=None, ge=0, le=LATEST_MS, description="When it had to be done.", json_schema_extra={"unit": "ms"}
    )
    temperature: float | None = Field(
        default=None, ge=20, le=45, description="Body temperature.", json_schema_extra={"unit": "Cel"}
    )
