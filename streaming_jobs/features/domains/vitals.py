"""Vital signs from wristbands, against the limits of each person."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from ingestion.contracts import PersonContext
from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import BAND_SILENT_S, Sheet
from streaming_jobs.features.world import World

LIMITS = ("heart_rate_min", "heart_rate_max", "spo2_min")
STANDARD = tuple(float(PersonContext.model_fields[name].default) for name in LIMITS)

MISSING = "a wristband that was heard before is silent for a minute, or its last reading has no value"
FEATURES = (
    Feature(
        "subject.heart_rate_outside",
        "beats/min",
        "How far the heart rate lies outside the person's limits; 0 within them or without a wristband.",
        MISSING,
    ),
    Feature(
        "subject.spo2_below",
        "%",
        "How far the oxygen saturation lies below the person's limit; 0 above it or without a wristband.",
        MISSING,
    ),
)


class State(msgspec.Struct):
    """Only what differs from the standard is kept."""

    limits: dict[str, tuple[float, float, float]] = {}  # pseudonym -> limits set for the person, as in LIMITS
    last: dict[str, tuple[float | None, float | None]] = {}  # pseudonym -> heart rate and SpO2 outside or unknown


def _person(state: State, world: World, second: int, event: Any) -> None:
    own = tuple(getattr(event, name) for name in LIMITS)
    if not event.present:
        state.limits.pop(event.subject, None)
        state.last.pop(event.subject, None)
    elif own == STANDARD:
        state.limits.pop(event.subject, None)
    else:
        state.limits[event.subject] = own


def _reading(state: State, world: World, second: int, event: Any) -> None:
    low, high, least = state.limits.get(event.subject, STANDARD)
    rate, spo2 = event.heart_rate, event.spo2
    outside = None if rate is None else max(low - rate, rate - high, 0.0)
    below = None if spo2 is None else max(least - spo2, 0.0)
    if outside == 0 and below == 0:
        state.last.pop(event.subject, None)
    else:
        state.last[event.subject] = (outside, below)


def compute(state: State, sheet: Sheet) -> None:
    # A silence under a gateway that is down hides the signs as well; it is NaN already.
    silence = sheet.get("subject.band_silent_s")
    hidden = ~(silence <= BAND_SILENT_S)
    for column, feature in enumerate(("subject.heart_rate_outside", "subject.spo2_below")):
        found = {s: np.nan if v[column] is None else float(v[column] or 0.0) for s, v in state.last.items()}
        sheet.set(feature, np.where(hidden, np.nan, sheet.by_subject(found, 0.0)))


DOMAIN = Domain("vitals", FEATURES, compute, State, {"WristbandReading": _reading, "PersonContext": _person})
