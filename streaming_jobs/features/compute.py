"""One second: events into the world and the domains, and the feature matrices out of them.

A domain whose code raises takes nobody with it. Where it raised over an event, that event is refused
and the domain goes on. Where it raised over its features, they are not observable for REST_S; it still
takes its events in, keeps its state as the fault left it, and is tried again after that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from streaming_jobs.faults import said
from streaming_jobs.features.domain import Domain
from streaming_jobs.features.perceive import perceive
from streaming_jobs.features.registry import COLUMNS, DOMAINS
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import Fault, World

REST_S = 60
FAULT_CHARS = 300


class Wiring:
    """Domains in their order, and which of them handle, watch and hear what."""

    def __init__(self, domains: Sequence[Domain]) -> None:
        self.domains = tuple(domains)
        self.states = {domain.name: domain.state for domain in domains}
        self.listeners = {
            name: [(domain, domain.handles[name]) for domain in domains if name in domain.handles]
            for name in {name for domain in domains for name in domain.handles}
        }
        self.watchers = [domain for domain in domains if domain.pairs is not None]
        self.hearers = [domain for domain in domains if domain.hears is not None]

    def state(self, world: World, name: str) -> Any:
        """A domain's state in this world, made on first use."""
        state = world.domains.get(name)
        if state is None:
            state = world.domains[name] = self.states[name]()
        return state


WIRING = Wiring(DOMAINS)


def tell_alerts(world: World, second: int, rows: Sequence[Mapping[str, Any]], wiring: Wiring = WIRING) -> None:
    """Tell the domains that want to know of the alerts raised and cleared in a second (rows of ``silver.alert``)."""
    for domain in wiring.hearers:
        try:
            domain.hears(wiring.state(world, domain.name), second, rows)  # type: ignore[misc]
        except Exception as error:
            _rest(world, domain, second, error)


def features_of(world: World, second: int, events: Sequence[Any], wiring: Wiring = WIRING) -> Sheet:
    """The filled sheet of a second, with the events that a domain raised over; changes the world in place.

    Args:
        second: event time, s. events: decoded contract structs, sorted by event time.
    """
    seen = perceive(world, second, events)
    refused: dict[int, str] = {}
    for number, event in enumerate(events):
        for domain, handle in wiring.listeners.get(type(event).__name__, ()):
            try:
                handle(wiring.state(world, domain.name), world, second, event)
            except Exception as error:
                told = f"{domain.name}: {said(error, FAULT_CHARS)}"
                refused[number] = f"{refused[number]}; {told}" if number in refused else told
    watched: list[str] = []
    for domain in wiring.watchers:
        try:
            watched += domain.pairs(wiring.state(world, domain.name))  # type: ignore[misc]
        except Exception as error:
            _rest(world, domain, second, error)
    sheet = Sheet(world, second, seen, COLUMNS, watched)
    sheet.refused = refused
    for domain in wiring.domains:
        fault = world.faults.get(domain.name)
        if fault is not None and second - fault.last_s < REST_S:
            continue  # a column that nobody fills is not observable
        try:
            domain.compute(wiring.state(world, domain.name), sheet)
            if fault is not None:
                del world.faults[domain.name]
        except Exception as error:
            _rest(world, domain, second, error)
            for feature in domain.features:
                sheet.set(feature.name, np.nan)
    return sheet


def _rest(world: World, domain: Domain, second: int, error: Exception) -> None:
    world.faults[domain.name] = Fault(second, said(error, FAULT_CHARS))
