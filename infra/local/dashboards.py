"""Steps on the dashboards of a running instance that commands and the demo share: deploy, pictures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboards.access import load_access
from dashboards.bundle import slug
from dashboards.deploy import Deployed, clear_cache, deploy
from dashboards.pictures import log_in, open_browser, take_picture
from dashboards.spec import LANGUAGES, Language, load_dashboards
from infra.local.superset import Superset, admin_password, login_passwords, logins_file
from infra.settings import SafeholdError, Settings, UserError


def _address(settings: Settings) -> str:
    address = Superset().address(settings)
    if not address:
        raise UserError("Superset does not run", where=str(settings.home), do="start it: safehold up --only superset")
    return address


@dataclass(frozen=True, slots=True)
class DeployedHere:
    """A deploy's result with this instance's addresses."""

    dashboards: dict[str, int]
    datasets: dict[str, int]
    users_made: tuple[str, ...]
    addresses: dict[str, str]
    logins: Path


def logins(settings: Settings) -> dict[str, str]:
    """First passwords of all users of the instance, by name; the administrator's comes first."""
    return login_passwords(settings, ["admin", *load_access().users])


def deploy_dashboards(settings: Settings) -> DeployedHere:
    """Deploy to the instance's running Superset and drop its cached numbers. A second run keeps every id.

    Raises:
        UserError: Superset does not run, or nothing is published yet.
        SafeholdError: Superset refused.
    """
    address = _address(settings)
    done: Deployed = deploy(address, admin_password(settings), logins(settings), settings.published_db)
    clear_cache(settings.superset)
    pages = {name: f"{address}/superset/dashboard/{name}/" for name in sorted(done.dashboards)}
    return DeployedHere(done.dashboards, done.datasets, done.users_made, pages, logins_file(settings))


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture taken."""

    path: Path
    charts: int
    seconds: float


def take_pictures(
    settings: Settings, out: Path, languages: Sequence[str], audiences: Sequence[str] = ()
) -> list[Picture]:
    """A PNG of every dashboard and language, each taken as the first user of its audience.

    Args:
        audiences: whose dashboards; all, if none is named.

    Raises:
        UserError: Superset does not run, or an unknown language or audience.
        SafeholdError: no browser, or a chart shows an error or nothing; named.
    """
    wanted: list[Language] = [language for language in LANGUAGES if language in languages]
    if unknown := set(languages) - set(wanted):
        raise UserError(f"unknown language {sorted(unknown)[0]!r}", where="--language", do="use zh or en")
    known = sorted({dashboard.audience for dashboard in load_dashboards()})
    if strangers := set(audiences) - set(known):
        raise UserError(
            f"there is no dashboard for {sorted(strangers)[0]!r}", where="--audience", do=f"use {', '.join(known)}"
        )
    chosen = [dashboard for dashboard in load_dashboards() if not audiences or dashboard.audience in audiences]
    address, passwords, access = _address(settings), logins(settings), load_access()
    taken: list[Picture] = []
    faults: list[str] = []
    with open_browser() as browser:
        for dashboard in chosen:
            user = next(name for name, u in access.users.items() if dashboard.audience in u.audiences)
            context = log_in(browser, address, user, passwords[user])
            for language in wanted:
                began = time.monotonic()
                name = slug(dashboard, language)
                path = out / f"{name}.png"
                states = take_picture(context, address, name, language, len(dashboard.charts), path)
                taken.append(Picture(path, len(states), time.monotonic() - began))
                faults += [f"{name}: {s.title}: {s.error}" for s in states if s.error]
                faults += [f"{name}: {s.title}: shows nothing" for s in states if s.empty and not s.error]
            context.close()
    if faults:
        raise SafeholdError("charts without a picture: " + "; ".join(faults), where=str(out))
    return taken
