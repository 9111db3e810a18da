"""One second: events into the world and the domains, and the feature matrices out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from streaming_jobs.features.feature import Grain
from streaming_jobs.features.perceive import perceive
from streaming_jobs.features.registry import COLUMNS, DOMAINS
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

_LISTENERS = {
    name: [(domain, domain.handles[name]) for domain in DOMAINS if name in domain.handles]
    for name in {name for domain in DOMAINS for name in domain.handles}
}


def state_of(world: World, name: str) -> Any:
    """A domain's state in this world, made on first use."""
    state = world.domains.get(name)
    if state is None:
        state = world.domains[name] = next(d for d in DOMAINS if d.name == name).state()
    return state


def features_of(world: World, second: int, events: Sequence[Any], running: Mapping[Grain, Sequence[str]]) -> Sheet:
    """The filled sheet of a second; changes the world in place.

    Args:
        second: event time, s. events: decoded contract structs, sorted by event time.
        running: keys of each grain with a running timer.
    """
    seen = perceive(world, second, events)
    for event in events:
        for domain, handle in _LISTENERS.get(type(event).__name__, ()):
            handle(state_of(world, domain.name), world, second, event)
    sheet = Sheet(world, second, seen, COLUMNS, running)
    for domain in DOMAINS:
        domain.compute(state_of(world, domain.name), sheet)
    return sheet
