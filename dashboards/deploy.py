"""Bringing a running Superset in line with the code, and back to what was deployed before.

A deploy imports the bundle only if it differs from the one that runs or somebody changed what the code
had made; what people changed is kept as a file first. Objects that the code made and that left it are
removed, unless somebody's own object still uses them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from dashboards.access import Access, Unit
from dashboards.archive import Bundle
from dashboards.client import Client
from dashboards.edits import Edit, Export, charts_shown, copy_of_edited, find_edits, read_export
from dashboards.grants import Difference, Ground, Live, State, apply_state, differences, read_live, wanted_state
from dashboards.history import Entry, History
from infra.settings import UserError


@dataclass(frozen=True, slots=True)
class Grants:
    """All that access is made of: the table, the hierarchy, first passwords, the day."""

    access: Access
    units: Collection[Unit]
    passwords: dict[str, str]
    today: date


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deploy found and left behind."""

    dashboards: dict[str, int]
    """Ids by slug."""
    datasets: dict[str, int]
    """Ids by table."""
    imported: bool
    """False if everything was as the code says."""
    removed: tuple[str, ...]
    """Objects that left the code."""
    kept: tuple[str, ...]
    """Objects that left the code and stay, because somebody's own object uses them."""
    edits: tuple[Edit, ...]
    copy: Path | None
    """File with the edited dashboards; people import it as dashboards of their own."""
    access: tuple[Difference, ...]
    """What was brought in line of roles, rules and users."""

    @property
    def users_made(self) -> tuple[str, ...]:
        """Names of users that did not exist before."""
        return tuple(d.name for d in self.access if d.kind == "user" and d.what == "is missing")

    @property
    def changes_nothing(self) -> bool:
        """True if Superset was as the code says already."""
        return not (self.imported or self.removed or self.access)


def find_ground(client: Client, bundle: Bundle) -> Ground:
    """The bundle's datasets and dashboards in a running Superset, and everybody else's datasets.

    Raises:
        UserError: a dataset is missing.
    """
    # By UUID, not by name: somebody's own dataset may bear the name of one of ours.
    ids = {dataset["uuid"]: dataset["id"] for dataset in client.everything("/api/v1/dataset/")}
    if missing := [name for name, number in bundle.datasets.items() if number not in ids]:
        raise UserError(
            f"Superset has no dataset {missing[0]}", where=client.address, do="run: safehold dashboards deploy"
        )
    datasets = {name: ids[number] for name, number in bundle.datasets.items()}
    return Ground(datasets, frozenset(ids.values()) - frozenset(datasets.values()), bundle.audiences)


def _wanted_and_live(client: Client, bundle: Bundle, grants: Grants) -> tuple[Ground, State, Live]:
    ground = find_ground(client, bundle)
    return ground, wanted_state(grants.access, grants.units, ground, grants.today), read_live(client)


def check_access(client: Client, bundle: Bundle, grants: Grants, history: History) -> list[Difference]:
    """Everything in which the access of a running Superset, or what it opens, differs from the code."""
    ground, wanted, live = _wanted_and_live(client, bundle, grants)
    found = differences(wanted, live, {number: name for name, number in ground.datasets.items()})
    if (current := history.current()) is not None:
        do = "run: safehold dashboards deploy; it keeps a copy first"
        edits = _named(find_edits(history.left(current), read_export(client)), client)
        found += [Difference(e.kind.removesuffix("s"), e.title, e.what, do, False) for e in edits]
    return found


def apply_access(client: Client, bundle: Bundle, grants: Grants) -> list[Difference]:
    """Mend what `check_access` finds and is ours to mend.

    Raises:
        SafeholdError: Superset refused, or does not know a right.
    """
    _, wanted, live = _wanted_and_live(client, bundle, grants)
    return apply_state(client, wanted, live, grants.passwords)


def _still_used(gone: set[str], now: Export, ours: set[str]) -> set[str]:
    """Of what left the code, what somebody's own dashboard or chart uses; with the datasets under it."""
    used: set[str] = set()
    for number, item in now.items():
        if item.kind == "dashboards" and number not in ours:
            used |= charts_shown(item.content) & gone
    for number, item in now.items():
        if item.kind == "charts" and (number in used or number not in ours):
            used |= {str(item.content["dataset_uuid"])} & gone
    return used


def _remove(client: Client, gone: set[str]) -> None:
    """Dashboards first, then charts, then datasets, so that nothing is removed from under another."""
    for kind in ("dashboard", "chart", "dataset"):
        for item in client.everything(f"/api/v1/{kind}/"):
            if item["uuid"] in gone:
                client.call("DELETE", f"/api/v1/{kind}/{item['id']}")


def _named(edits: list[Edit], client: Client) -> list[Edit]:
    """The edits with who changed each last."""
    names = {
        item["uuid"]: item["changed_by_name"]
        for kind in sorted({edit.kind.removesuffix("s") for edit in edits if edit.changed} - {"database"})
        for item in client.everything(f"/api/v1/{kind}/")
    }
    return [Edit(e.uuid, e.kind, e.title, e.changed, names.get(e.uuid, "")) for e in edits]


def deploy(
    client: Client,
    bundle: Bundle,
    grants: Grants,
    history: History,
    edited: Path,
    at: datetime,
    back_to: Entry | None = None,
) -> Deployed:
    """Import a bundle, remove what left it, apply access. A second run changes nothing and keeps every id.

    Args:
        edited: folder for copies of what people changed.
        at: now.
        back_to: the earlier deploy whose bundle this is, if one goes back.

    Raises:
        SafeholdError: Superset does not answer or refuses.
    """
    log, current = history.read(), history.current()
    now = read_export(client)
    edits = _named(find_edits(history.left(current), now), client) if current else []
    stamp = at.isoformat(timespec="seconds")
    copy = None
    if (archive := copy_of_edited(edits, now, stamp)) is not None:
        copy = edited / f"{at:%Y-%m-%dT%H%M%S}.zip"
        edited.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(archive)

    imported = bool(edits) or current is None or current.digest != bundle.digest
    if imported:
        files = {"bundle": ("safehold.zip", bundle.archive, "application/zip")}
        client.call("POST", "/api/v1/assets/import/", files=files)
    owned = set(log.owned) | bundle.ids
    gone = (owned - bundle.ids) & now.keys()
    used = _still_used(gone, now, owned)
    _remove(client, gone - used)
    access = apply_access(client, bundle, grants)
    if imported or gone - used:
        left = {number: item for number, item in read_export(client).items() if number in bundle.ids}
        history.write(back_to or history.entry(bundle, stamp), bundle, left, bundle.ids | used)
    dashboards = {d["slug"]: d["id"] for d in client.everything("/api/v1/dashboard/") if d["slug"] in bundle.audiences}

    def titles(numbers: set[str]) -> tuple[str, ...]:
        return tuple(sorted(f"{now[n].kind.removesuffix('s')} {now[n].title}" for n in numbers))

    return Deployed(
        dashboards,
        find_ground(client, bundle).datasets,
        imported,
        titles(gone - used),
        titles(used),
        tuple(edits),
        copy,
        tuple(access),
    )


def roll_back(client: Client, grants: Grants, history: History, edited: Path, at: datetime) -> tuple[Entry, Deployed]:
    """Deploy the bundle that ran before the current one.

    Access stays that of the code and the table of today: a roll-back opens nothing that was closed since.

    Raises:
        UserError: there is no deploy to go back to.
    """
    entry = history.previous()
    if entry is None:
        raise UserError("there is no earlier deploy to go back to", where=str(history.folder), do="deploy first")
    return entry, deploy(client, history.bundle(entry), grants, history, edited, at, back_to=entry)


def clear_cache(superset_home: Path) -> None:
    """Drop Superset's cached numbers, so that a new publication shows at once.

    Files go, the folder stays: the server is writing into it.
    """
    for kept in ("data", "answers"):
        for path in (superset_home / "cache" / kept).glob("*"):
            path.unlink(missing_ok=True)
