"""Steps on the dashboards of a running instance that commands and the demo share: deploy, access, pictures."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from dashboards.access import Access, Seat, Unit, load_access, read_units, seats
from dashboards.archive import Bundle
from dashboards.bundle import Sources, load_bundle, slug
from dashboards.client import Client
from dashboards.deploy import Deployed, Grants, apply_access, check_access, clear_cache, deploy, roll_back
from dashboards.grants import APPLY, Difference
from dashboards.history import Entry, History
from dashboards.pictures import chart_faults, log_in, open_browser, take_picture
from dashboards.published import lacking, published_tables
from dashboards.spec import LANGUAGES, Language, load_dashboards
from infra.local.superset import Superset, admin_password, login_passwords, logins_file
from infra.settings import SafeholdError, Settings, UserError

CHINA = timezone(timedelta(hours=8))
"""Last days of users end by this clock, as in dashboards/server."""


def _address(settings: Settings) -> str:
    address = Superset().address(settings)
    if not address:
        raise UserError("Superset does not run", where=str(settings.home), do="start it: safehold up --only superset")
    return address


def admin(settings: Settings) -> Client:
    """A session of the administrator with the instance's running Superset.

    Raises:
        UserError: it does not run.
        SafeholdError: it does not answer.
    """
    return Client(_address(settings), "admin", admin_password(settings))


def logins(settings: Settings) -> dict[str, str]:
    """First passwords of all users of the instance, by name; the administrator's comes first."""
    return login_passwords(settings, ["admin", *load_access(settings.access).users])


def units(settings: Settings) -> dict[str, Unit]:
    """The hierarchy that is published: units by code."""
    return read_units(settings.published_db, published_tables())


def history(settings: Settings) -> History:
    """The deploys of this instance's Superset."""
    return History(settings.superset / "deployed")


def grants(settings: Settings) -> Grants:
    """All that access of the instance is made of: its table, its hierarchy, today."""
    access = load_access(settings.access)
    return Grants(access, units(settings).values(), logins(settings), datetime.now(CHINA).date())


def _expires(settings: Settings) -> Path:
    return settings.superset / "expires.json"


def _last_days(access: Access) -> dict[str, str]:
    return {name: user.expires.isoformat() for name, user in access.users.items() if user.expires}


def _write_last_days(settings: Settings, access: Access) -> None:
    """Tell the server the last day of every user; it reads the file at each request."""
    new = _expires(settings).with_suffix(".new")
    new.write_text(json.dumps(_last_days(access)), encoding="utf-8")
    os.replace(new, _expires(settings))


@dataclass(frozen=True, slots=True)
class DeployedHere:
    """A deploy's result with this instance's addresses."""

    done: Deployed
    addresses: dict[str, str]
    logins: Path
    lacking: tuple[str, ...]
    """`table.column` that the published file lacks: what asks for it fails until the marts are built anew."""

    @property
    def dashboards(self) -> dict[str, int]:
        """Ids by slug."""
        return self.done.dashboards

    @property
    def datasets(self) -> dict[str, int]:
        """Ids by table."""
        return self.done.datasets

    @property
    def users_made(self) -> tuple[str, ...]:
        """Names of users that did not exist before."""
        return self.done.users_made


def _here(settings: Settings, done: Deployed) -> DeployedHere:
    clear_cache(settings.superset)
    address = _address(settings)
    pages = {name: f"{address}/superset/dashboard/{name}/" for name in sorted(done.dashboards)}
    return DeployedHere(done, pages, logins_file(settings), lacking(settings.published_db, published_tables()))


def deploy_dashboards(settings: Settings) -> DeployedHere:
    """Deploy to the instance's running Superset and drop its cached numbers. A second run changes nothing.

    Raises:
        UserError: Superset does not run, or nothing is published yet.
        SafeholdError: Superset refused.
    """
    client, given = admin(settings), grants(settings)
    _write_last_days(settings, given.access)
    bundle = load_bundle(Sources.load(), settings.published_db)
    return _here(
        settings,
        deploy(client, bundle, given, history(settings), settings.superset / "edited", datetime.now(UTC)),
    )


def roll_back_dashboards(settings: Settings) -> tuple[Entry, DeployedHere]:
    """Bring back the dashboards that ran before the current ones; access stays that of today.

    Raises:
        UserError: Superset does not run, or there is nothing to go back to.
        SafeholdError: Superset refused.
    """
    client, given = admin(settings), grants(settings)
    _write_last_days(settings, given.access)
    entry, done = roll_back(client, given, history(settings), settings.superset / "edited", datetime.now(UTC))
    return entry, _here(settings, done)


def _deployed_bundle(settings: Settings) -> Bundle:
    deploys = history(settings)
    current = deploys.current()
    if current is None:
        raise UserError("no dashboards are deployed", where=str(settings.home), do="run: safehold dashboards deploy")
    return deploys.bundle(current)


def apply_access_here(settings: Settings) -> list[Difference]:
    """Bring roles, row security and users of the running Superset in line with the access table.

    Returns:
        What was mended.

    Raises:
        UserError: Superset does not run, or no dashboards are deployed.
        SafeholdError: Superset refused.
    """
    given = grants(settings)
    _write_last_days(settings, given.access)
    return apply_access(admin(settings), _deployed_bundle(settings), given)


def check_access_here(settings: Settings) -> list[Difference]:
    """Everything in which access of the running Superset, or what it opens, is not as the code says.

    Raises:
        UserError: Superset does not run, or no dashboards are deployed.
    """
    given = grants(settings)
    found = check_access(admin(settings), _deployed_bundle(settings), given, history(settings))
    path = _expires(settings)
    if (json.loads(path.read_text(encoding="utf-8")) if path.exists() else None) != _last_days(given.access):
        found.append(Difference("file", str(path), "does not tell the server the users' last days", APPLY, True))
    return found


def seats_here(settings: Settings) -> list[Seat]:
    """Who sees what, by the access table and the published hierarchy; Superset need not run.

    Raises:
        UserError: nothing is published yet, or the table is not as it should be.
    """
    return seats(load_access(settings.access), units(settings), datetime.now(CHINA).date())


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture taken."""

    path: Path
    charts: int
    seconds: float


def _sitter(settings: Settings, access: Access, audience: str) -> str:
    """The first user of an audience who can log in and sees rows.

    Raises:
        UserError: there is none.
    """
    today = datetime.now(CHINA).date()
    for seat in seats(access, units(settings), today):
        if audience in seat.audiences and seat.unit and access.users[seat.user].is_active(today):
            return seat.user
    raise UserError(
        f"nobody who can log in sees rows of {audience}", where=str(settings.access), do="add such a user to the table"
    )


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
    address, passwords, access = _address(settings), logins(settings), load_access(settings.access)
    taken: list[Picture] = []
    faults: list[str] = []
    with open_browser() as browser:
        for dashboard in chosen:
            user = _sitter(settings, access, dashboard.audience)
            context = log_in(browser, address, user, passwords[user])
            for language in wanted:
                began = time.monotonic()
                name = slug(dashboard, language)
                path = out / f"{name}.png"
                states = take_picture(context, address, name, language, len(dashboard.charts), path)
                taken.append(Picture(path, len(states), time.monotonic() - began))
                faults += [f"{name}: {fault}" for fault in chart_faults(dashboard, language, states)]
            context.close()
    if faults:
        raise SafeholdError("charts without a picture: " + "; ".join(faults), where=str(out))
    return taken
