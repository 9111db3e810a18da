"""The services of an instance, in the order in which they start."""

from __future__ import annotations

from infra.local.broker import Broker
from infra.local.service import Service
from infra.local.superset import Superset
from infra.settings import UserError

SERVICES: tuple[Service, ...] = (Broker(), Superset())


def services_named(names: list[str]) -> list[Service]:
    """The named services in the order in which they start; all of them if no name is given.

    Raises:
        UserError: no service has this name.
    """
    known = [service.name for service in SERVICES]
    if unknown := [name for name in names if name not in known]:
        raise UserError(f"there is no service {unknown[0]!r}", where="--only", do=f"use one of: {', '.join(known)}")
    return [service for service in SERVICES if not names or service.name in names]
