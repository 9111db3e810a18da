"""The register of incident kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingestion.sources.simulator.stage import Stage

Staging = Callable[[Stage, float], bool]


@dataclass(frozen=True)
class Kind:
    """A kind of incident: the rule that should report it, how long it takes, and how it is staged."""

    name: str
    rule: str
    seconds: float
    stage: Staging


KINDS: dict[str, Kind] = {}
"""All kinds by name, in the order in which they are staged."""


def incident(rule: str, seconds: float) -> Callable[[Staging], Staging]:
    """Register the decorated function as the incident kind of its name."""

    def add(function: Staging) -> Staging:
        KINDS[function.__name__] = Kind(function.__name__, rule, seconds, function)
        return function

    return add
