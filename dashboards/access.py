"""Access to the dashboards: roles, row security and users, from assets/access.yaml. Deny by default.

A reader has three kinds of role: the one reader role (rights of the pages), an audience's role (its
dashboards) and a scope's role (its rows). Every dataset carries one Base rule that gives no row, and
one Regular rule a scope in the same group, which Superset joins by OR: who has no scope sees nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from dashboards.client import Client
from dashboards.spec import ASSETS
from infra.settings import SafeholdError, UserError, read_yaml

READER = "Safehold reader"
RULE_GROUP = "scope"
DENY_RULE = "Safehold: no scope, no rows"
COLUMN_OF_LENGTH = {2: "province", 4: "city", 6: "facility"}
NATION = "00"


class User(BaseModel):
    """A user that ships with the installation."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    audiences: tuple[str, ...]
    scope: str = Field(pattern=r"^(\d{2}|\d{4}|\d{6})$")


class Access(BaseModel):
    """Rights, scopes and users as data."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    reader_rights: tuple[str, ...]
    public_rights: tuple[str, ...]
    seen_by_every_scope: tuple[str, ...]
    hidden_from_facilities: tuple[str, ...]
    users: dict[str, User]


@cache
def load_access(folder: Path = ASSETS) -> Access:
    """The access table.

    Raises:
        UserError: the file is not as it should be.
    """
    path = folder / "access.yaml"
    data, _ = read_yaml(path)
    try:
        return Access.model_validate(data)
    except ValueError as error:
        raise UserError(f"not a valid access table: {error}", where=str(path), do="mend it") from error


def scope_clause(scope: str) -> str:
    """SQL condition of a scope's rows.

    Raises:
        UserError: not a unit's code.
    """
    if scope == NATION:
        return "1 = 1"
    column = COLUMN_OF_LENGTH.get(len(scope))
    if column is None or not re.fullmatch(r"\d+", scope):
        raise UserError(f"scope {scope!r} is no unit's code", do="use 00, or 2, 4 or 6 digits")
    return f"{column} = '{scope}'"


def tables_of_scope(access: Access, scope: str, tables: Iterable[str]) -> set[str]:
    """Tables of which a scope sees the rows of its own units."""
    hidden = set(access.hidden_from_facilities) if COLUMN_OF_LENGTH.get(len(scope)) == "facility" else set()
    return set(tables) - set(access.seen_by_every_scope) - hidden


def scope_role(scope: str) -> str:
    """Name of a scope's role."""
    return f"Safehold scope {scope}"


def audience_role(audience: str) -> str:
    """Name of an audience's role."""
    return f"Safehold audience {audience}"


def _role_ids(client: Client, names: set[str]) -> dict[str, int]:
    """Ids of roles by name; those that do not exist are made."""
    known = {role["name"]: role["id"] for role in client.everything("/api/v1/security/roles/")}
    for name in sorted(names - known.keys()):
        known[name] = client.call("POST", "/api/v1/security/roles/", json={"name": name})["id"]
    return known


def _set_rights(client: Client, role: int, rights: tuple[str, ...], known: dict[str, int]) -> None:
    if missing := [right for right in rights if right not in known]:
        raise SafeholdError(f"this Superset does not know the right {missing[0]!r}", where="assets/access.yaml")
    ids = [known[right] for right in rights]
    client.call("POST", f"/api/v1/security/roles/{role}/permissions", json={"permission_view_menu_ids": ids})


def _set_rule(client: Client, known: dict[str, int], rule: dict[str, Any]) -> None:
    """Make or overwrite a rule. A change always sends tables and roles: one alone would empty the other."""
    if (number := known.get(rule["name"])) is None:
        client.call("POST", "/api/v1/rowlevelsecurity/", json=rule)
    else:
        client.call("PUT", f"/api/v1/rowlevelsecurity/{number}", json=rule)


def apply_access(
    client: Client,
    access: Access,
    datasets: dict[str, int],
    dashboards: dict[str, list[int]],
    passwords: dict[str, str],
    foreign: Sequence[int] = (),
) -> list[str]:
    """Bring roles, row security, dashboards' roles and users of a running Superset in line with the data.

    Args:
        datasets: ids by table name; every one of them gets the rules.
        dashboards: ids by audience.
        passwords: first passwords of users that are made; a user that exists keeps his own.
        foreign: ids of datasets that did not come from the code: no reader gets a row of them.

    Returns:
        Names of the users that were made.

    Raises:
        SafeholdError: Superset refused, or does not know a right.
    """
    scopes = sorted({user.scope for user in access.users.values()})
    audiences = sorted({audience for user in access.users.values() for audience in user.audiences})
    roles = _role_ids(
        client, {READER, *(scope_role(s) for s in scopes), *(audience_role(a) for a in [*audiences, *dashboards])}
    )
    rights = {
        f"{p['permission']['name']} on {p['view_menu']['name']}": p["id"]
        for p in client.everything("/api/v1/security/permissions-resources/")
    }
    _set_rights(client, roles[READER], access.reader_rights, rights)
    _set_rights(client, roles["Public"], access.public_rights, rights)

    rules = {rule["name"]: rule["id"] for rule in client.everything("/api/v1/rowlevelsecurity/")}
    every = sorted(datasets.values())
    common = sorted(datasets[name] for name in access.seen_by_every_scope)
    # The denying rule first: at no moment is a dataset without it. Base rules name who is exempt.
    deny = {"name": DENY_RULE, "filter_type": "Base", "clause": "1 = 0", "group_key": RULE_GROUP}
    _set_rule(client, rules, deny | {"roles": [roles["Admin"]], "tables": [*every, *foreign]})
    for scope in scopes:
        own = {"filter_type": "Regular", "group_key": RULE_GROUP, "roles": [roles[scope_role(scope)]]}
        units = sorted(datasets[name] for name in tables_of_scope(access, scope, datasets))
        _set_rule(
            client, rules, own | {"name": f"Safehold: scope {scope}", "clause": scope_clause(scope), "tables": units}
        )
        _set_rule(
            client, rules, own | {"name": f"Safehold: scope {scope}, common", "clause": "1 = 1", "tables": common}
        )

    for audience, ids in dashboards.items():
        for number in ids:
            body = {"roles": [roles[audience_role(audience)]], "published": True}
            client.call("PUT", f"/api/v1/dashboard/{number}", json=body)

    existing = {user["username"]: user["id"] for user in client.everything("/api/v1/security/users/")}
    made = []
    for name, user in access.users.items():
        wanted = [READER, *(audience_role(a) for a in user.audiences), scope_role(user.scope)]
        body = {"roles": [roles[role] for role in wanted], "active": True}
        if name in existing:
            client.call("PUT", f"/api/v1/security/users/{existing[name]}", json=body)
            continue
        person = {"username": name, "first_name": name, "last_name": "Safehold", "email": f"{name}@safehold.invalid"}
        client.call("POST", "/api/v1/security/users/", json=body | person | {"password": passwords[name]})
        made.append(name)
    return made
