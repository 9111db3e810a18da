"""Interrogation rooms: sessions."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

FEATURES = (Feature("zone.session_open", "bool", "An interrogation session is open in the room.", "never"),)


class State(msgspec.Struct):
    sessions: dict[str, str] = {}  # zone -> open session


def _session(state: State, world: World, second: int, event: Any) -> None:
    if event.action in ("open", "resume"):
        state.sessions[event.zone] = event.session
    elif event.action in ("close", "rest", "cancel") and state.sessions.get(event.zone) == event.session:
        del state.sessions[event.zone]


def compute(state: State, sheet: Sheet) -> None:
    sheet.set("zone.session_open", np.array([name in state.sessions for name in sheet.world.plan.zones]))


DOMAIN = Domain("interrogation", FEATURES, compute, State, {"InterrogationSession": _session})
