"""An instance as a whole: its services up, its topics and tables made, everything down again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infra.local.lock import instance_lock
from infra.local.service import Service
from infra.local.services import ALL, SERVICES, services_named
from infra.local.topics import ensure_topics
from infra.settings import Settings, ensure_tables, open_catalog
from infra.settings.running import BROKER


def start_services(settings: Settings, names: Sequence[str] = ()) -> Iterator[Service]:
    """Start the named services (the usual ones, if none is named); yields each as soon as it answers.

    The broker's topics and the lake's tables are made with it. What runs already is left alone.

    Raises:
        UserError: no service has such a name.
        SafeholdError: a service does not come up.
    """
    chosen = services_named(list(names)) if names else SERVICES
    with instance_lock(settings):
        for service in chosen:
            service.start(settings)
            if service.name == BROKER:
                ensure_topics(settings)
                ensure_tables(open_catalog(settings))
            yield service


def stop_services(settings: Settings, names: Sequence[str] = ()) -> list[str]:
    """Stop the named services (all, if none is named), last started first; names of those that ran."""
    if not settings.run.is_dir():
        return []
    stopped = []
    with instance_lock(settings):
        for service in reversed(services_named(list(names)) if names else ALL):
            if service.is_running(settings):
                stopped.append(service.name)
            # Also where it died by itself: its run file goes, so that the next status is true.
            service.stop(settings)
    return stopped
