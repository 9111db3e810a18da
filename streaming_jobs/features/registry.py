"""Every feature that a rule may name: grain, unit, meaning, and what makes it unobservable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grain = Literal["facility", "zone", "subject", "pair"]
GRAINS: tuple[Grain, ...] = ("facility", "zone", "subject", "pair")


@dataclass(frozen=True)
class Feature:
    """One column of a grain's feature matrix; NaN in it means "not observable in this second"."""

    name: str
    grain: Grain
    unit: str
    doc: str
    missing_when: str


_ALL = (
    Feature("facility.people", "facility", "persons", "People seen by any camera.", "no camera works"),
    Feature("zone.detainees", "zone", "persons", "Detainees seen in the zone.", "no working camera covers it"),
    Feature("zone.officers", "zone", "persons", "Officers seen in the zone.", "no working camera covers it"),
    Feature("zone.session_open", "zone", "bool", "An interrogation session is open in the room.", "never"),
    Feature(
        "zone.camera_blind_s",
        "zone",
        "s",
        "Time since the last good frame of the best camera that covers the zone.",
        "the plan has no camera for the zone",
    ),
    Feature(
        "zone.patrol_overdue_s",
        "zone",
        "s",
        "Time since the beginning of the last scheduled round in which the zone was not visited yet.",
        "no check-in, and the zone's cameras were blind in the round",
    ),
    Feature("subject.speed", "subject", "m/s", "Speed over the floor.", "not seen in the last seconds"),
    Feature(
        "subject.running_allowed",
        "subject",
        "bool",
        "The zone allows running (yard sports).",
        "not seen in the last seconds",
    ),
    Feature("subject.lying", "subject", "bool", "The posture is lying.", "posture unknown, or not seen"),
    Feature("subject.on_bed", "subject", "bool", "The person is in a bed zone.", "not seen in the last seconds"),
    Feature("subject.detainee", "subject", "bool", "The role is detainee.", "role unknown"),
    Feature(
        "subject.fallen",
        "subject",
        "bool",
        "The wristband reported a fall and not yet that the wearer has risen.",
        "no wristband, or no signal for 5 minutes",
    ),
    Feature("pair.distance", "pair", "m", "Smallest distance of the two in the second.", "never"),
    Feature("pair.abrupt", "pair", "persons", "How many of the two move abruptly.", "movement of both unknown"),
    Feature("pair.inactive", "pair", "persons", "How many of the two are inactive.", "movement of both unknown"),
    Feature("pair.detainees", "pair", "persons", "How many of the two are detainees.", "a role unknown"),
    Feature("pair.same_block", "pair", "bool", "Both belong to the same block.", "a block unknown"),
    Feature(
        "pair.escorted",
        "pair",
        "bool",
        "An officer is in the zone of one of them.",
        "no working camera covers the zone",
    ),
)

FEATURES: dict[str, Feature] = {feature.name: feature for feature in _ALL}
"""All features by name."""

COLUMNS: dict[Grain, dict[str, int]] = {
    grain: {f.name: i for i, f in enumerate(f for f in _ALL if f.grain == grain)} for grain in GRAINS
}
"""Column of each feature in its grain's matrix."""
