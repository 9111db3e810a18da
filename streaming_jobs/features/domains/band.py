"""Wristbands: falls, bands taken off, bands that are silent."""

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
    Feature(
        "subject.band_silent_s",
        "s",
        "Time since the wristband was last heard; 0 without a wristband.",
        "a gateway is down, so that a silence says nothing of the band",
    ),
    Feature("subject.band_off_s", "s", "Time since the wristband was taken off; 0 while it is worn.", "never"),
)


class State(msgspec.Struct):
    heard_s: dict[str, int] = {}  # pseudonym -> last second the band was heard
    fallen: dict[str, int] = {}  # pseudonym -> second of the fall
    off_s: dict[str, int] = {}  # pseudonym -> second since which the band is not worn
    gateways_down: list[str] = []
    gateway_s: int = -1  # last second with a gateway down


def _reading(state: State, world: World, second: int, event: Any) -> None:
    state.heard_s[event.subject] = second
    if event.worn:
        state.off_s.pop(event.subject, None)
    else:
        state.off_s.setdefault(event.subject, second)
    if event.motion == "fall":
        state.fallen.setdefault(event.subject, second)
    elif event.motion in ("risen", "moving"):
        state.fallen.pop(event.subject, None)


def _person(state: State, world: World, second: int, event: Any) -> None:
    if not event.present:  # a band that is silent because its wearer left says nothing is wrong
        for remembered in (state.heard_s, state.fallen, state.off_s):
            remembered.pop(event.subject, None)


def _device(state: State, world: World, second: int, event: Any) -> None:
    if event.kind != "gateway":
        return
    if event.state == "ok":
        state.gateways_down = [name for name in state.gateways_down if name != event.device]
    elif event.device not in state.gateways_down:
        state.gateways_down.append(event.device)


def compute(state: State, sheet: Sheet) -> None:
    if state.gateways_down:
        state.gateway_s = sheet.second
    heard = sheet.by_subject(state.heard_s, np.nan)
    silent = sheet.second - heard > BAND_SILENT_S
    fallen = sheet.by_subject(dict.fromkeys(state.fallen, 1.0), 0.0)
    sheet.set("subject.fallen", np.where(np.isnan(heard), 0.0, np.where(silent, np.nan, fallen)))
    if state.gateways_down:
        silence = np.where(silent, np.nan, sheet.second - heard)
    else:  # after a gateway was down, a silence counts from its return
        silence = sheet.second - np.maximum(heard, state.gateway_s)
    sheet.set("subject.band_silent_s", np.where(np.isnan(heard), 0.0, silence))
    off = {subject: float(sheet.second - since) for subject, since in state.off_s.items()}
    sheet.set("subject.band_off_s", sheet.by_subject(off, 0.0))


DOMAIN = Domain(
    "band",
    FEATURES,
    compute,
    State,
    {"WristbandReading": _reading, "PersonContext": _person, "DeviceHealth": _device},
)
