"""A domain: some features with what they must remember, in one file.

The fold keeps one state a domain and facility, gives it the events it handles, and asks it once a
second to fill its columns. A new domain is a file below ``domains/`` and its name in the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from streaming_jobs.features.feature import Feature
from streaming_jobs.features.sheet import Sheet
from streaming_jobs.features.world import World


class Stateless(msgspec.Struct):
    """The state of a domain that remembers nothing."""


@dataclass(frozen=True)
class Domain:
    """``state``: a msgspec struct of plain data, all fields with defaults, so that states of other versions open.

    ``handles``: by the name of an event's contract, a function (state, world, second, event) that
    changes the state. ``compute``: (state, sheet), fills the domain's columns of the sheet; what it
    does not set is NaN. ``pairs``: keys of pairs that get a row even if the two are far apart.
    ``hears``: (state, second, rows) takes the alert rows that the rules gave in
    the second just decided, raised and cleared.
    """

    name: str
    features: tuple[Feature, ...]
    compute: Callable[[Any, Sheet], None]
    state: type[msgspec.Struct] = Stateless
    handles: Mapping[str, Callable[[Any, World, int, Any], None]] = field(default_factory=dict)
    pairs: Callable[[Any], Sequence[str]] | None = None
    hears: Callable[[Any, int, Sequence[Mapping[str, Any]]], None] | None = None
