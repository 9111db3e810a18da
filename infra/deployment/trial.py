"""A candidate beside the versions in force, as a function that Spark's workers can be given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streaming_jobs.catalogue import Rule
from streaming_jobs.kernel.backtest import alerts_on


@dataclass(frozen=True)
class Beside:
    """Alerts of the version in force at a facility, and those of the candidate."""

    in_force: Mapping[str, Rule]
    candidate: Rule

    def __call__(self, facility: str, seconds: Iterable[Mapping[str, Any]]) -> Sequence[Sequence[dict[str, Any]]]:
        current = self.in_force.get(facility)
        return alerts_on([[current] if current is not None else [], [self.candidate]], facility, seconds)
