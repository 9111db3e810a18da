"""A deployed Superset that the tests of a worker share: starting one costs half a minute."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
import yaml

from dashboards.access import ACCESS_FILE, Unit, load_access
from dashboards.client import Client
from dashboards.spec import load_dashboards
from infra.local.dashboards import DeployedHere, admin, deploy_dashboards, logins, units
from infra.local.instance import start_services, stop_services
from infra.local.superset import Superset
from infra.settings import Settings, load_settings
from tests.support.published import write_published

AUDIENCES = tuple(sorted({dashboard.audience for dashboard in load_dashboards()}))


@dataclass(frozen=True, eq=False)
class Running:
    """A deployed Superset, its hierarchy and sessions with it."""

    settings: Settings
    first: DeployedHere

    @property
    def address(self) -> str:
        return Superset().address(self.settings)

    @property
    def admin(self) -> Client:
        """A new session: tokens last a quarter of an hour, the tests of a module may take longer."""
        return admin(self.settings)

    @cached_property
    def units(self) -> dict[str, Unit]:
        return units(self.settings)

    def client(self, user: str) -> Client:
        return Client(self.address, user, logins(self.settings)[user])


def reader(unit: str) -> str:
    """Name of the user who sees every dashboard with a unit's rows."""
    return f"reads-{unit}"


def write_access(path: Path, units: dict[str, Unit], **changes: dict[str, object]) -> None:
    """The shipped table of users, a reader a unit, and readers of every other kind; `changes` by user."""
    table = yaml.safe_load(ACCESS_FILE.read_text(encoding="utf-8"))
    every = list(AUDIENCES)
    users: dict[str, dict[str, object]] = {reader(code): {"audiences": every, "scope": code} for code in units}
    users |= {
        "no-scope": {"audiences": every},
        "unknown-scope": {"audiences": every, "scope": "99"},
        "inspects-3301": {"audiences": ["inspection"], "scope": "3301"},
        "engineers-33": {"audiences": ["engineer"], "scope": "33"},
        "disabled": {"audiences": every, "scope": "00", "disabled": True},
        "expired": {"audiences": every, "scope": "00", "expires": "2020-01-01"},
        "to-be-disabled": {"audiences": every, "scope": "00"},
        "to-expire": {"audiences": every, "scope": "00", "expires": "2099-12-31"},
    }
    for user, fields in changes.items():
        users[user.replace("_", "-")] |= fields
    table["users"] |= users
    path.write_text(yaml.safe_dump(table), encoding="utf-8")
    load_access.cache_clear()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Superset started by the service, with the dashboards deployed and readers of every kind.

    Settings are given, not set in the environment: other tests of the worker must not meet this home.
    Who changes what all share puts it back.
    """
    home = tmp_path_factory.mktemp("superset")
    settings = load_settings(home=home, superset_port=_free_port(), access=home / "access.yaml")
    write_published(settings.published_db)
    write_access(settings.access, units(settings))
    try:
        for _ in start_services(settings, ("superset",)):
            pass
        yield Running(settings, deploy_dashboards(settings))
    finally:
        stop_services(settings)
