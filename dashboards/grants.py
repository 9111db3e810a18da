"""Access of a running Superset: what the code wants, what is there, how they differ, and making them equal.

Every dataset carries one Base rule that gives no row, and the Regular rules of the scopes in the same
group, which Superset joins by OR: who has no scope sees nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboards.access import READER, Access, Unit, audience_role, scope_role
from dashboards.client import Client
from infra.settings import SafeholdError

OURS = "Safehold"
RULE_GROUP = "scope"
DENY_RULE = "Safehold: no scope, no rows"
COMMON_RULE = "Safehold: every scope, common"
MAIL = "@safehold.invalid"
"""Users with such an address were made by the code."""

Fields = dict[str, Any]
State = dict[tuple[str, str], Fields]
"""Fields by kind (role, rule, dashboard, user, group) and name."""


def scope_rule(scope: str) -> str:
    """Name of a scope's row-security rule."""
    return f"Safehold: scope {scope}"


@dataclass(frozen=True, slots=True)
class Ground:
    """What access is given to in a running Superset."""

    datasets: dict[str, int]
    """Ids of the code's datasets by table name."""
    foreign: frozenset[int]
    """Ids of all other datasets: no reader gets a row of them."""
    dashboards: dict[str, str]
    """Audience by slug."""


def wanted_state(access: Access, units: Collection[Unit], ground: Ground, today: date) -> State:
    """Roles, rules, dashboards' roles and users as the code says."""
    state: State = {
        ("role", READER): {"rights": frozenset(access.reader_rights)},
        ("role", "Public"): {"rights": frozenset(access.public_rights)},
    }
    audiences = {*ground.dashboards.values(), *(a for user in access.users.values() for a in user.audiences)}
    scopes = {unit.code: scope_role(unit.code) for unit in units}
    for role in (*map(audience_role, audiences), *scopes.values()):
        state["role", role] = {"rights": frozenset()}

    common = frozenset(ground.datasets[name] for name in access.seen_by_every_scope if name in ground.datasets)
    hidden = frozenset(ground.datasets[name] for name in access.hidden_from_facilities if name in ground.datasets)
    of_units = frozenset(ground.datasets.values()) - common

    def rule(name: str, clause: str, roles: Collection[str], tables: frozenset[int], kind: str = "Regular") -> None:
        if tables and roles:
            fields = {"filter_type": kind, "group_key": RULE_GROUP, "clause": clause}
            state["rule", name] = fields | {"roles": frozenset(roles), "tables": tables}

    # Base rules name who is exempt; Admin is not by himself.
    rule(DENY_RULE, "1 = 0", ["Admin"], of_units | common | ground.foreign, "Base")
    rule(COMMON_RULE, "1 = 1", scopes.values(), common)
    for unit in units:
        tables = of_units - hidden if unit.tier == "facility" else of_units
        rule(scope_rule(unit.code), unit.clause, [scopes[unit.code]], tables)

    for slug, audience in ground.dashboards.items():
        state["dashboard", slug] = {"roles": frozenset([audience_role(audience)]), "published": True}
    for name, user in access.users.items():
        # A unit that this instance does not have is no scope: the user sees pages without a row.
        scope = [scopes[user.scope]] if user.scope in scopes else []
        roles = frozenset([READER, *map(audience_role, user.audiences), *scope])
        state["user", name] = {"roles": roles, "active": user.is_active(today)}
    return state


@dataclass(frozen=True, slots=True)
class Live:
    """What a running Superset holds, and its ids by kind and name."""

    state: State
    ids: dict[tuple[str, str], int]
    made: frozenset[str]
    """Names of the users that the code made."""
    rights: dict[str, int]
    """Ids of all rights by name."""


def _names(rows: list[dict[str, Any]]) -> frozenset[str]:
    return frozenset(row["name"] for row in rows)


def read_live(client: Client) -> Live:
    """Read roles, rules, dashboards' roles, users and groups."""
    rights = {
        p["id"]: f"{p['permission']['name']} on {p['view_menu']['name']}"
        for p in client.everything("/api/v1/security/permissions-resources/")
    }
    state: State = {}
    ids: dict[tuple[str, str], int] = {}
    for role in client.everything("/api/v1/security/roles/search/"):
        key = ("role", role["name"])
        # A right that a module of Superset left behind has an id, but neither name nor use.
        state[key] = {"rights": frozenset(rights[p] for p in role["permission_ids"] if p in rights)}
        ids[key] = role["id"]
    for rule in client.everything("/api/v1/rowlevelsecurity/"):
        key = ("rule", rule["name"])
        state[key] = {field: rule[field] for field in ("filter_type", "group_key", "clause")}
        state[key] |= {"roles": _names(rule["roles"]), "tables": frozenset(table["id"] for table in rule["tables"])}
        ids[key] = rule["id"]
    for dashboard in client.everything("/api/v1/dashboard/"):
        key = ("dashboard", dashboard["slug"] or f"#{dashboard['id']}")
        state[key] = {"roles": _names(dashboard["roles"]), "published": dashboard["published"]}
        ids[key] = dashboard["id"]
    made = set()
    for user in client.everything("/api/v1/security/users/"):
        key = ("user", user["username"])
        state[key] = {"roles": _names(user["roles"]), "active": user["active"]}
        ids[key] = user["id"]
        if user["email"].endswith(MAIL):
            made.add(user["username"])
    for group in client.everything("/api/v1/security/groups/"):
        state["group", group["name"]] = {"roles": _names(group["roles"])}
    return Live(state, ids, frozenset(made), {name: number for number, name in rights.items()})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a running Superset is not as the code says."""

    kind: str
    name: str
    what: str
    do: str
    is_mended: bool
    """True if `safehold access apply` mends it; what people made themselves is told, not touched."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.what}"


APPLY = "run: safehold access apply"


def _field_words(field: str, wanted: Any, live: Any, tables: dict[int, str]) -> str:
    if not isinstance(wanted, frozenset):
        return f"{field} is {live!r}, should be {wanted!r}"

    def words(items: frozenset[Any]) -> str:
        named = sorted(tables.get(i, f"dataset {i}") if field == "tables" else str(i) for i in items)
        return ", ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")

    more, less = live - wanted, wanted - live
    said = [f"too much: {words(more)}"] if more else []
    return f"{field}: " + "; ".join([*said, *([f"lacks: {words(less)}"] if less else [])])


def _stranger(kind: str, name: str, live: Live) -> Difference | None:
    """What to say about something that the code does not know; nothing, if it opens nothing."""
    fields = live.state[kind, name]
    if kind == "role" and name.startswith(OURS):
        return Difference(kind, name, "is of no unit or audience", APPLY, True)
    if kind == "rule":
        if name.startswith(OURS) or fields["group_key"] == RULE_GROUP:
            return Difference(kind, name, "is not in the code, and can open rows", APPLY, True)
        return Difference(kind, name, "was made by hand; it can only narrow", "remove it, if it is not wanted", False)
    if kind == "user" and name in live.made and name != "admin" and fields["active"]:
        return Difference(kind, name, "left the access table and can still log in", APPLY, True)
    if kind == "user" and name not in live.made and fields["active"] and fields["roles"]:
        roles = ", ".join(sorted(fields["roles"]))
        return Difference(
            kind,
            name,
            f"was made by hand and holds: {roles}",
            "add him to the access table, or disable him in Superset",
            False,
        )
    if kind == "group" and fields["roles"]:
        roles = ", ".join(sorted(fields["roles"]))
        return Difference(kind, name, f"gives its members the roles: {roles}", "remove the group in Superset", False)
    return None


def differences(wanted: State, live: Live, tables: dict[int, str]) -> list[Difference]:
    """Everything in which a running Superset differs from the code.

    Args:
        tables: names of datasets by id, for the words.
    """
    found: list[Difference] = []
    for (kind, name), fields in wanted.items():
        there = live.state.get((kind, name))
        if there is None:
            found.append(Difference(kind, name, "is missing", APPLY, True))
            continue
        for field, value in fields.items():
            if there[field] != value:
                what = _field_words(field, value, there[field], tables)
                found.append(Difference(kind, name, what, APPLY, True))
    strangers = (_stranger(kind, name, live) for kind, name in live.state.keys() - wanted.keys())
    return found + sorted((s for s in strangers if s is not None), key=str)


def apply_state(client: Client, wanted: State, live: Live, passwords: dict[str, str]) -> list[Difference]:
    """Mend every difference that is ours to mend; one request a thing that differs, none if nothing does.

    The denying rule and the narrowing of rules come before what opens: roles, rules, dashboards, users.

    Args:
        passwords: first passwords of users that are made; a user that exists keeps his own.

    Returns:
        What was mended.

    Raises:
        SafeholdError: Superset refused, or does not know a right.
    """
    mended = [d for d in differences(wanted, live, {}) if d.is_mended]
    ids = dict(live.ids)
    for kind, name in dict.fromkeys((d.kind, d.name) for d in mended):
        fields, number = wanted.get((kind, name)), ids.get((kind, name))
        if kind == "role":
            _mend_role(client, name, fields, ids, live.rights)
        elif kind == "rule":
            body = {**fields, "name": name} if fields else {}
            if fields:
                # Tables and roles go together: one alone would empty the other.
                body |= {"roles": [ids["role", r] for r in fields["roles"]], "tables": sorted(fields["tables"])}
            _write(client, "/api/v1/rowlevelsecurity/", number, body)
        elif kind == "dashboard" and fields:
            if number is None:
                raise SafeholdError(f"there is no dashboard {name}", do="run: safehold dashboards deploy")
            body = {"roles": [ids["role", r] for r in fields["roles"]], "published": fields["published"]}
            client.call("PUT", f"/api/v1/dashboard/{number}", json=body)
        elif kind == "user":
            body = {"active": False}
            if fields:
                body = {"roles": [ids["role", r] for r in sorted(fields["roles"])], "active": fields["active"]}
            if number is None:
                person = {"username": name, "first_name": name, "last_name": OURS, "email": f"{name}{MAIL}"}
                body |= person | {"password": passwords[name]}
            _write(client, "/api/v1/security/users/", number, body)
    return mended


def _write(client: Client, path: str, number: int | None, body: Fields) -> None:
    """Make what has no number, overwrite what has one, remove what has no body."""
    if number is None:
        client.call("POST", path, json=body)
    elif body:
        client.call("PUT", f"{path}{number}", json=body)
    else:
        client.call("DELETE", f"{path}{number}")


def _mend_role(
    client: Client, name: str, fields: Fields | None, ids: dict[tuple[str, str], int], rights: dict[str, int]
) -> None:
    path = "/api/v1/security/roles/"
    if fields is None:
        client.call("DELETE", f"{path}{ids['role', name]}")
        return
    is_new = ("role", name) not in ids
    if is_new:
        ids["role", name] = client.call("POST", path, json={"name": name})["id"]
    if unknown := sorted(fields["rights"] - rights.keys()):
        raise SafeholdError(f"this Superset does not know the right {unknown[0]!r}", where="access.yaml")
    if fields["rights"] or not is_new:
        numbers = sorted(rights[right] for right in fields["rights"])
        body = {"permission_view_menu_ids": numbers}
        client.call("POST", f"{path}{ids['role', name]}/permissions", json=body)
