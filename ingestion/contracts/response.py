"""Steps of cases: what the response did about alerts, and what posts answered."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Event


class CaseStep(Event):
    """A step in a case: opened, told to a post, answered, escalated, closed. What notes say is not in it."""

    TYPE: ClassVar[str] = "case"

    type: Literal["case"] = Field(default="case", description="Names the contract.")
    case: str = Field(min_length=1, max_length=64, description="Id of the case, from its place and first alert.")
    number: int = Field(ge=0, le=1_000_000, description="Number of the step within the case, from 0.")
    step: Literal[
        "opened", "joined", "told", "held_back", "answered", "refused", "noted", "escalated", "cleared", "closed"
    ] = Field(description="What happened; `refused`: an answer that does not count, e.g. of the accused post.")
    rule: str = Field(min_length=1, max_length=64, description="Rule of the case's first alert.")
    severity: Literal["notice", "minor", "major", "critical"] = Field(description="Severity of the case.")
    zone: str | None = Field(default=None, max_length=64, description="Where it is.")
    post: str | None = Field(default=None, max_length=96, description="Address of the post, e.g. medical@330101.")
    officer: str | None = Field(default=None, max_length=64, description="Pseudonym of the officer who answered.")
    alert: str | None = Field(default=None, max_length=64, description="Alert that was opened, joined or cleared.")
    detail: str = Field(
        default="", max_length=128, description="A code: kind of push, answer, why held back or refused."
    )
