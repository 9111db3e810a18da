"""Psychological assessments: what a professional found, as a class, never as text."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Event


class PsychologicalAssessment(Event):
    """The result of an assessment; a later event with the same id replaces it."""

    TYPE: ClassVar[str] = "assessment"

    type: Literal["assessment"] = Field(default="assessment", description="Names the contract.")
    assessment: str = Field(min_length=1, max_length=64, description="Id of the assessment.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym.")
    method: Literal["interview", "screening_scale", "observation"] = Field(description="How it was made.")
    result: Literal["low", "moderate", "high"] = Field(description="Risk of harm to self or others.")
    assessor: str = Field(min_length=1, max_length=64, description="Pseudonym of the professional.")
