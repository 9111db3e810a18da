"""Wristbands: falls."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import BAND_SILENT_S, Sheet
from streaming_jobs.features.world import World

FEATURES = (
    Feature(
        "subject.fallen",
        "bool",
        "The wristband reported a fall and not yet that the wearer has risen; 0 without a wristband.",
        "a wristband that was heard before is silent for a minute",
    ),
)


class State(msgspec.Struct):
    heard_s: dict[str, int] = {}  # pseudonym -> last second the band was heard
    fallen: dict[str, int] = {}  # pseudonym -> second of the fall


def _reading(state: State, world: World, second: int, event: Any) -> None:
    state.heard_s[event.subject] = second
    if event.motion == "fall":
        state.fallen.setdefault(event.subject, second)
    elif event.motion in ("risen", "moving"):
        state.fallen.pop(event.subject, None)


def _person(state: State, world: World, second: int, event: Any) -> None:
    if not event.present:  # a band that is silent because its wearer left says nothing is wrong
        state.heard_s.pop(event.subject, None)
        state.fallen.pop(event.subject, None)


def compute(state: State, sheet: Sheet) -> None:
    heard = sheet.by_subject(state.heard_s)
    silent = sheet.second - heard > BAND_SILENT_S
    fallen = np.array([subject in state.fallen for subject in sheet.subjects], dtype=np.float64)
    sheet.set("subject.fallen", np.where(np.isnan(heard), 0.0, np.where(silent, np.nan, fallen)))


DOMAIN = Domain("band", FEATURES, compute, State, {"WristbandReading": _reading, "PersonContext": _person})
