"""Complaints of people in custody: what about and what became of them, never their words."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Event


class Complaint(Event):
    """A step of a complaint. A complaint is a right: it may bring care, and never a demerit."""

    TYPE: ClassVar[str] = "complaint"

    type: Literal["complaint"] = Field(default="complaint", description="Names the contract.")
    complaint: str = Field(min_length=1, max_length=64, description="Id of the complaint.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym of who complains.")
    about: Literal["treatment", "health_care", "cell_mates", "food", "property", "procedure", "other"] = Field(
        description="What it is about."
    )
    action: Literal["filed", "answered", "upheld", "rejected", "withdrawn"] = Field(description="What happened.")
