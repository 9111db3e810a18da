"""Who may see what, as data: assets/access.yaml, and the units that scopes are made of. Deny by default.

A reader has three kinds of role: the one reader role (rights of the pages), an audience's role (its
dashboards) and a scope's role (its rows). A scope is a unit of the published hierarchy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from dashboards.published import SCHEMA
from dashboards.spec import ASSETS
from infra.settings import SafeholdError, UserError, read_yaml

READER = "Safehold reader"
ACCESS_FILE = ASSETS / "access.yaml"
Tier = Literal["nation", "province", "city", "facility"]
TIERS: tuple[Tier, ...] = get_args(Tier)
"""From the whole to the smallest; every tier but the nation has a column of its name in the published tables."""
_CODE = re.compile(r"\d{2,12}")


class User(BaseModel):
    """A user of the installation."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    audiences: tuple[str, ...] = ()
    scope: str | None = Field(default=None, pattern=r"^\d{2,12}$")
    """Code of the unit whose rows he sees; none: pages without a row."""
    expires: date | None = None
    """His last day."""
    disabled: bool = False

    def is_active(self, today: date) -> bool:
        """True if he may log in on that day."""
        return not self.disabled and (self.expires is None or today <= self.expires)

    def state(self, today: date) -> str:
        """In words: active, disabled, expired."""
        if self.is_active(today):
            return "active" if self.expires is None else f"active until {self.expires}"
        return "disabled" if self.disabled else f"expired {self.expires}"


class Access(BaseModel):
    """Rights and users as data."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    reader_rights: tuple[str, ...]
    public_rights: tuple[str, ...]
    seen_by_every_scope: tuple[str, ...]
    hidden_from_facilities: tuple[str, ...]
    users: dict[str, User]


@cache
def load_access(path: Path = ACCESS_FILE) -> Access:
    """The access table.

    Raises:
        UserError: the file is not as it should be.
    """
    data, _ = read_yaml(path)
    try:
        return Access.model_validate(data)
    except ValueError as error:
        raise UserError(f"not a valid access table: {error}", where=str(path), do="mend it") from error


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the hierarchy that rows are published for."""

    code: str
    tier: Tier
    zh: str
    en: str
    province: str | None
    city: str | None

    def __post_init__(self) -> None:
        if self.tier not in TIERS or not _CODE.fullmatch(self.code):
            raise SafeholdError(f"{self.tier} {self.code!r} cannot be a scope: a unit's code is 2 to 12 digits")

    @property
    def clause(self) -> str:
        """SQL condition of the rows that belong to the unit."""
        return "1 = 1" if self.tier == "nation" else f"{self.tier} = '{self.code}'"

    def holds(self, other: Unit) -> bool:
        """True if the other unit is this one or below it."""
        return self.tier == "nation" or self.code in (other.code, other.province, other.city)


def read_units(published: Path, tables: Iterable[str]) -> dict[str, Unit]:
    """The units that the published tables have rows for, by code; from the nation down.

    dbt takes them from the one register of administrative units; every table bears their tier and
    names, so a unit with rows in any table is a scope.

    Raises:
        UserError: nothing is published yet.
        SafeholdError: a unit has two tiers, or a code that no condition can be made of.
    """
    if not published.exists():
        raise UserError("nothing is published yet", where=str(published), do="build and publish the marts first")
    columns = "tier, unit, unit_name_zh, unit_name_en, province, city"
    select = " union ".join(f"select {columns} from {SCHEMA}.{table}" for table in sorted(tables))
    with duckdb.connect(str(published), read_only=True) as db:
        try:
            rows = db.execute(select).fetchall()
        except duckdb.Error as error:
            fault = str(error).splitlines()[0]
            raise UserError(
                f"the published file does not fit the models: {fault}", where=str(published), do="publish the marts"
            ) from error
    units: dict[str, Unit] = {}
    for tier, code, zh, en, province, city in sorted(rows, key=lambda row: (TIERS.index(row[0]), row[1])):
        if code in units and units[code].tier != tier:
            raise SafeholdError(f"unit {code} is a {units[code].tier} and a {tier}", where=str(published))
        units.setdefault(code, Unit(code, tier, zh or code, en or code, province, city))
    return units


def rows_of(access: Access, table: str, unit: Unit) -> str:
    """SQL condition of the rows of a published table that readers of a unit see."""
    if table in access.seen_by_every_scope:
        return "1 = 1"
    return "1 = 0" if unit.tier == "facility" and table in access.hidden_from_facilities else unit.clause


def scope_role(scope: str) -> str:
    """Name of a scope's role."""
    return f"Safehold scope {scope}"


def audience_role(audience: str) -> str:
    """Name of an audience's role."""
    return f"Safehold audience {audience}"


@dataclass(frozen=True, slots=True)
class Seat:
    """What one user sees."""

    user: str
    state: str
    audiences: tuple[str, ...]
    scope: str
    unit: Unit | None
    """None: the instance has no such unit, so he sees no row."""
    facilities: int


def seats(access: Access, units: dict[str, Unit], today: date) -> list[Seat]:
    """Who sees what, one seat a user."""
    found = []
    for name, user in access.users.items():
        unit = units.get(user.scope or "")
        below = [u for u in units.values() if unit is not None and u.tier == "facility" and unit.holds(u)]
        found.append(Seat(name, user.state(today), user.audiences, user.scope or "", unit, len(below)))
    return found
