"""Alert rows from changes: deterministic ids, and an explanation of what was decided and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import numpy as np

from ingestion.contracts import content_id
from streaming_jobs.features.registry import COLUMNS, FEATURES
from streaming_jobs.features.world import World
from streaming_jobs.kernel.engine import Change, slot_of

LOOK_BEFORE_S = 10  # recordings worth looking at begin this long before the onset


@dataclass(frozen=True)
class Place:
    """Where an alert happened and whom it concerns."""

    zone: str
    subjects: tuple[str, ...]
    cameras: tuple[str, ...]


def subjects_of(change: Change) -> tuple[str, ...]:
    """Pseudonyms or tracks that a change is about."""
    if change.grain == "pair":
        return tuple(change.key.split("|", 1))
    return (change.key,) if change.grain == "subject" else ()


def place_of(world: World, change: Change) -> Place:
    """Zone, subjects and cameras of the entity that changed."""
    plan, entities = world.plan, world.entities
    if change.grain == "facility":
        return Place("", (), ())
    if change.grain == "zone":
        covers = plan.covers[plan.zone_index[change.key]]
        return Place(change.key, (), tuple(name for name, on in zip(plan.cameras, covers, strict=True) if on))
    subjects = subjects_of(change)
    rows = [entities.index[name] for name in subjects if name in entities.index]
    zones = [plan.zones[entities["zone"][r]] for r in rows if entities["zone"][r] >= 0]
    cameras = sorted({plan.cameras[entities["camera"][r]] for r in rows if entities["camera"][r] >= 0})
    return Place(zones[0] if zones else "", subjects, tuple(cameras))


def _number(value: float) -> float | None:
    return None if not np.isfinite(value) else round(float(value), 4)


def explain(change: Change, place: Place, second: int, profile: str, on: date) -> str:
    """JSON: each condition with its feature, value, unit, threshold and source; where to look.

    One of the conditions marked ``any`` was enough, all others had to hold. Values are those of the
    second in which the alert was raised; null means not observable.
    """
    rule = change.rule
    conditions = []
    for part, predicate in (
        *(("when", p) for p in rule.when),
        *(("any", p) for p in rule.any),
        *(("unless", p) for p in rule.unless),
    ):
        threshold, source = rule.parameter(predicate.value, profile, on)
        feature = FEATURES[predicate.feature]
        value = change.values[COLUMNS[change.grain][predicate.feature]]
        conditions.append(
            {
                "feature": feature.name,
                "meaning": feature.doc,
                "value": _number(value),
                "unit": feature.unit,
                "op": predicate.op,
                "threshold": threshold,
                "source": source,
                "unless": part == "unless",
                "any": part == "any",
            }
        )
    hold, hold_source = rule.parameter(rule.hold, profile, on)
    text = {
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        "advice": {"zh": rule.advice.zh, "en": rule.advice.en},
        "notify": rule.notify,
        "about_staff": rule.about_staff,
        "second": second * 1000,
        "conditions": conditions,
        "hold_s": hold,
        "hold_source": hold_source,
        "rule_source": rule.source,
        "profile": profile,
        "look_at": {
            "cameras": list(place.cameras),
            "from": (change.onset_s - LOOK_BEFORE_S) * 1000,
            "to": second * 1000,
        },
    }
    return msgspec.json.encode(text).decode()


def alert_id(facility: str, change: Change) -> str:
    """The id of the alert that a change raises or clears: the same on any replay."""
    slot = slot_of(change.rule.id, change.rule.mode)
    return content_id(slot, facility, change.key, change.verdict, change.onset_s)


def alert_row(world: World, facility: str, change: Change, second: int) -> dict[str, Any]:
    """A `raised` row of ``silver.alert``, as its contract names the fields."""
    rule, place = change.rule, place_of(world, change)
    _, on = world.plan.local(second)
    return {
        "alert_id": alert_id(facility, change),
        "rule": rule.id,
        "rule_version": rule.version,
        "mode": rule.mode,
        "verdict": change.verdict,
        "step": "raised",
        "facility": facility,
        "zone": place.zone,
        "subjects": list(place.subjects),
        "severity": rule.severity,
        "onset": change.onset_s * 1000,
        "raised_at": second * 1000,
        "cleared": None,
        "accountable": rule.accountable,
        "explanation": explain(change, place, second, world.plan.profile, on),
    }
