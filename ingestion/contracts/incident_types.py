"""The catalogue of incident types: families, versions, days of validity. Types are deactivated, never removed."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

FILE = Path(__file__).resolve().parent / "incident_types.yaml"


class Meaning(BaseModel):
    """What a version of a type means, from its first day on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(default=1, ge=1)
    since: date
    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


class IncidentType(Meaning):
    """A type of incident; ``until`` is the first day on which it may no longer happen."""

    type: str = Field(pattern=r"^[a-z0-9_]+$", max_length=64)
    until: date | None = None
    before: list[Meaning] = Field(default_factory=list)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        meanings = self.meanings
        if [m.version for m in meanings] != list(range(1, len(meanings) + 1)):
            raise ValueError(f"{self.type}: versions must be numbered 1, 2, ... in `before` and then the present one")
        days = [m.since for m in meanings] + ([self.until] if self.until else [])
        if days != sorted(set(days)):
            raise ValueError(f"{self.type}: each version, and `until`, must begin after the one before")
        return self

    @property
    def meanings(self) -> list[Meaning]:
        """All versions, the oldest first."""
        return [*self.before, self]

    def holds_on(self, day: date) -> bool:
        """Whether something that happened on the day may be recorded under the type."""
        return self.meanings[0].since <= day and (self.until is None or day < self.until)

    def version_on(self, day: date) -> int:
        """Version whose meaning held on the day.

        Raises:
            ValueError: the type does not hold on the day.
        """
        if not self.holds_on(day):
            raise ValueError(f"{self.type} is not in use on {day}")
        return max(m.version for m in self.meanings if m.since <= day)


@cache
def incident_types() -> dict[str, dict[str, IncidentType]]:
    """Family -> type id -> type.

    Raises:
        ValueError: an id stands in the catalogue twice, or an entry is wrong.
    """
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    found = {family: [IncidentType.model_validate(entry) for entry in entries] for family, entries in raw.items()}
    ids = [entry.type for entries in found.values() for entry in entries]
    if twice := {name for name in ids if ids.count(name) > 1}:
        raise ValueError(f"{FILE.name}: twice in the catalogue: {', '.join(sorted(twice))}")
    return {family: {entry.type: entry for entry in entries} for family, entries in found.items()}
