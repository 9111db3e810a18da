"""The training table: one row a person and moment, with what was known then and what happened after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

HOUR_MS = 3_600_000
See = Callable[[Iterable[Any], Sequence[int]], Sequence[Mapping[str, float]]]
"""What is heard of a person and moments (ms) -> what a card sees at each, of what was available by then."""


@dataclass(frozen=True)
class Question:
    """Whether somebody will have an outcome within ``horizon_h`` hours of a moment; one moment every ``every_h``."""

    outcomes: frozenset[str]
    horizon_h: float = 72
    every_h: float = 24


@dataclass(frozen=True)
class Person:
    """All of a person: what was heard (with ``available`` and ``at``), outcomes (ms), stay (ms), groups."""

    subject: str
    heard: Sequence[Any]
    outcomes: Sequence[int]
    begin: int
    end: int
    groups: Mapping[str, str]


def rows_of(person: Person, question: Question, see: See) -> list[dict[str, Any]]:
    """The person's rows: moments from an interval after the beginning to a horizon before the end.

    A moment whose horizon is cut off by the end of what is known has no answer and no row, unless an
    outcome came before.
    """
    step, horizon = int(question.every_h * HOUR_MS), int(question.horizon_h * HOUR_MS)
    first = (person.begin // step + 1) * step
    moments, answers = [], []
    for moment in range(first, person.end, step):
        hit = any(moment < at <= moment + horizon for at in person.outcomes)
        if hit or moment + horizon <= person.end:
            moments.append(moment)
            answers.append(hit)
    seen = see(person.heard, moments)
    return [
        {"subject": person.subject, "moment": m, "outcome": a, **person.groups, **s}
        for m, a, s in zip(moments, answers, seen, strict=True)
    ]


def matrix(rows: pd.DataFrame, factors: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Activations (N, factors) of a table, 0 where a factor was not there."""
    found = rows.reindex(columns=list(factors), fill_value=0.0).fillna(0.0)
    return np.asarray(found.to_numpy(dtype=np.float64))
