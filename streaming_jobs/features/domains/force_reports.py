"""Use of force and of restraints by officers, and the reports that have to follow."""

from __future__ import annotations

from typing import Any

import msgspec

from streaming_jobs.features.domain import Domain
from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World

FORGET_S = 7 * 86_400  # after a week a report is asked for elsewhere

FEATURES = (
    Feature(
        "facility.force_unreported_s", "s", "Time since the oldest use of force that is not reported yet.", "never"
    ),
)


class Force(msgspec.Struct):
    post: str
    officer: str
    at_s: int


class State(msgspec.Struct):
    unreported: list[Force] = []


def _terminal(state: State, world: World, second: int, event: Any) -> None:
    if event.action == "force_used":
        state.unreported.append(Force(event.post, event.officer or "", second))
    elif event.action == "force_reported":
        # A report names the officer, or else stands for the post it comes from.
        state.unreported = [
            f for f in state.unreported if (f.officer != event.officer if event.officer else f.post != event.post)
        ]


def compute(state: State, sheet: Sheet) -> None:
    if state.unreported and sheet.second - state.unreported[0].at_s > FORGET_S:
        state.unreported.pop(0)
    oldest = sheet.second - state.unreported[0].at_s if state.unreported else 0
    sheet.set("facility.force_unreported_s", float(oldest))


DOMAIN = Domain("force_reports", FEATURES, compute, State, {"TerminalEvent": _terminal})
