"""Bringing a running Superset in line with the code: import the bundle, apply access, drop cached numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboards.access import apply_access, load_access
from dashboards.bundle import Sources, bundle_files, bundle_zip, slug, stable_id
from dashboards.client import Client
from dashboards.spec import LANGUAGES
from infra.settings import UserError


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deploy left behind: dashboards' ids by slug, datasets' ids by table, users it made."""

    dashboards: dict[str, int]
    datasets: dict[str, int]
    users_made: tuple[str, ...]


def deploy(address: str, admin_password: str, passwords: dict[str, str], published: Path) -> Deployed:
    """Import all assets and apply access. A second run changes nothing and keeps every id.

    Args:
        passwords: first passwords of the readers in assets/access.yaml.
        published: the DuckDB file that the dashboards read.

    Raises:
        UserError: nothing is published yet.
        SafeholdError: Superset does not answer or refuses.
    """
    if not published.exists():
        raise UserError("nothing is published yet", where=str(published), do="build and publish the marts first")
    sources = Sources.load()
    client = Client(address, "admin", admin_password)
    bundle = bundle_zip(bundle_files(sources, published))
    client.call("POST", "/api/v1/assets/import/", files={"bundle": ("safehold.zip", bundle, "application/zip")})

    names = {slug(d, language): d.audience for d in sources.dashboards for language in LANGUAGES}
    dashboards = {d["slug"]: d["id"] for d in client.everything("/api/v1/dashboard/") if d["slug"] in names}
    by_uuid = {d["uuid"]: d["id"] for d in client.everything("/api/v1/dataset/")}
    # By id, not by name: somebody's own dataset may bear the name of one of ours.
    datasets = {name: by_uuid[stable_id("dataset", name)] for name in sources.tables}
    foreign = sorted(set(by_uuid.values()) - set(datasets.values()))
    by_audience: dict[str, list[int]] = {}
    for name, number in dashboards.items():
        by_audience.setdefault(names[name], []).append(number)
    made = apply_access(client, load_access(), datasets, by_audience, passwords, foreign)
    return Deployed(dashboards, datasets, tuple(made))


def clear_cache(superset_home: Path) -> None:
    """Drop Superset's cached numbers, so that a new publication shows at once.

    Files go, the folder stays: the server is writing into it.
    """
    for path in (superset_home / "cache" / "data").glob("*"):
        path.unlink(missing_ok=True)
