"""The structure of the published tables and the publication profile, read from YAML."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from batch_jobs.disclosure.cells import Protection
from infra.settings import UserError, line_of, read_yaml

HERE = Path(__file__).parent
Tier = Literal["nation", "province", "city", "facility"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sum(_Part):
    """A column that is the sum of others; a part ending in ``*`` is in no table."""

    total: str
    parts: tuple[str, ...]


class Window(_Part):
    """A column that adds up another over months that end with the row's."""

    of: str
    months: int = Field(ge=2)
    lag: int = 0
    """Months between the window's last and the row's: 12 for the twelve months before the last twelve."""
    over_known: bool = False
    """Only those months of a facility in which its population is known."""


class TableStructure(_Part):
    """The sums within one published table; structure.yaml explains the fields."""

    by: tuple[str, ...] = ()
    month: str = "month"
    sums: tuple[Sum, ...] = ()
    same: dict[str, str] = {}
    windows: dict[str, Window] = {}
    counts: tuple[str, ...] = ()
    gives: dict[str, tuple[str, ...]] = {}
    totals: str | None = None
    row_means: str | None = None
    inside_total: bool = False

    @property
    def numbers(self) -> tuple[str, ...]:
        """All columns that are cells, those in no table with their ``*``."""
        named = [name for s in self.sums for name in (s.total, *s.parts)]
        named += [name for column, window in self.windows.items() for name in (window.of, column)]
        return tuple(dict.fromkeys([*named, *self.counts]))


class Structure(_Part):
    """The sums of all published tables under disclosure control."""

    tables: dict[str, TableStructure]


class Rule(_Part):
    """What is done with some counts, and why."""

    table: str
    columns: tuple[str, ...]
    treat: Literal["public", "protected"]
    tiers: tuple[Tier, ...] = ("nation", "province", "city", "facility")
    where: dict[str, tuple[str, ...]] = {}
    why: str


class Profile(_Part):
    """A publication profile; profiles/default.yaml explains the fields."""

    threshold: int = Field(ge=2)
    zero_is_small: bool
    rank: dict[Tier, int]
    rules: tuple[Rule, ...]
    outside: dict[str, str]
    casework_audiences: tuple[str, ...]
    casework: tuple[str, ...]

    @property
    def protection(self) -> Protection:
        """How far small counts stay open."""
        return Protection(self.threshold, self.zero_is_small)

    @model_validator(mode="after")
    def _fits(self) -> Profile:
        if both := {rule.table for rule in self.rules} & set(self.outside):
            raise ValueError(f"{', '.join(sorted(both))}: a table has rules or is outside, not both")
        if odd := set(self.casework) - set(self.outside):
            raise ValueError(f"{', '.join(sorted(odd))}: case work is outside")
        for rule in self.rules:
            table = load_structure().tables.get(rule.table)
            if table is None:
                raise ValueError(f"rules name the table {rule.table!r}, which structure.yaml does not know")
            if odd := (set(rule.columns) - set(table.numbers)) | (set(rule.where) - set(table.by)):
                raise ValueError(f"rules of {rule.table} name {sorted(odd)}, which structure.yaml does not know")
        return self


def _read(path: Path, model: type[BaseModel]) -> Any:
    data, node = read_yaml(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise UserError(
            f"{field}: {first['msg']}" if field else first["msg"],
            where=f"{path}:{line_of(node, first['loc'])}",
            do="mend it; docs/disclosure.md explains the file",
        ) from error


@cache
def load_structure(path: Path = HERE / "structure.yaml") -> Structure:
    """The sums between published numbers.

    Raises:
        UserError: the file is not as it should be; with file and line.
    """
    structure: Structure = _read(path, Structure)
    return structure


@cache
def load_profile(path: Path = HERE / "profiles" / "default.yaml") -> Profile:
    """A publication profile.

    Raises:
        UserError: the file is not as it should be; with file and line.
    """
    profile: Profile = _read(path, Profile)
    return profile
