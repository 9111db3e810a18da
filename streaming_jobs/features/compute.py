"""One second: events into the world and the domains, and the feature matrices out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from streaming_jobs.features.perceive import perceive
from streaming_jobs.features.registry import COLUMNS, DOMAINS
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

_LISTENERS = {
    name: [(domain, domain.handles[name]) for domain in DOMAINS if name in domain.handles]
    for name in {name for domain in DOMAINS for name in domain.handles}
}

_WATCHERS = [domain for domain in DOMAINS if domain.pairs is not None]


def state_of(world: World, name: str) -> Any:
    """A domain's state in this world, made on first use."""
    state = world.domains.get(name)
    if state is None:
        state = world.domains[name] = next(d for d in DOMAINS if d.name == name).state()
    return state


def tell_alerts(world: World, second: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Tell the domains that want to know of the alerts raised and cleared in a second (rows of ``silver.alert``)."""
    for domain in DOMAINS:
        if domain.hears is not None:
            domain.hears(state_of(world, domain.name), second, rows)


def features_of(world: World, second: int, events: Sequence[Any]) -> Sheet:
    """The filled sheet of a second; changes the world in place.

    Args:
        second: event time, s. events: decoded contract structs, sorted by event time.
    """
    seen = perceive(world, second, events)
    for event in events:
        for domain, handle in _LISTENERS.get(type(event).__name__, ()):
            handle(state_of(world, domain.name), world, second, event)
    watched = [key for domain in _WATCHERS for key in domain.pairs(state_of(world, domain.name))]  # type: ignore[misc]
    sheet = Sheet(world, second, seen, COLUMNS, watched)
    for domain in DOMAINS:
        domain.compute(state_of(world, domain.name), sheet)
    return sheet
