"""Patrol check-ins of officers at cells and points."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Event


class PatrolCheckIn(Event):
    """An officer checked in at (or left) a patrol point."""

    TYPE: ClassVar[str] = "patrol"

    type: Literal["patrol"] = Field(default="patrol", description="Names the contract.")
    zone: str = Field(min_length=1, max_length=64, description="Zone visited.")
    officer: str = Field(min_length=1, max_length=64, description="Pseudonym of the officer.")
    action: Literal["arrive", "leave"] = Field(default="arrive", description="Arrival or departure at the point.")
    round: str | None = Field(default=None, max_length=64, description="Round of the patrol plan, e.g. 21:30.")
