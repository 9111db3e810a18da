"""What rules would have raised on stored features: the stream's own kernel, without the stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from streaming_jobs.catalogue import Rule
from streaming_jobs.features.snapshot import Snapshot, decode
from streaming_jobs.kernel.alerts import alert_id, subjects_of
from streaming_jobs.kernel.engine import Change, Engine


def alerts_on(
    rule_sets: Sequence[Sequence[Rule]], facility: str, seconds: Iterable[Mapping[str, Any]]
) -> list[list[dict[str, Any]]]:
    """The alerts of each set of rules on one facility, in the order in which they were raised.

    Args:
        rule_sets: sets that are judged side by side, each by itself. All of their rules run.
        seconds: rows of ``silver.features`` in ascending order of ``at``.

    Returns:
        For each set, one mapping an alert: its id, rule, version, verdict, entity, times in ms
        (``cleared`` None for one that is still on at the end), as ``silver.alert`` names them.

    Raises:
        ValueError: a rule cannot be used, or raises.
    """
    engines = [Engine(rule.model_copy(update={"mode": "active"}) for rule in rules) for rules in rule_sets]
    found: list[dict[str, dict[str, Any]]] = [{} for _ in engines]
    for row in seconds:
        snapshot, at = decode(row["grids"]), row["at"]
        for engine, alerts in zip(engines, found, strict=True):
            engine.ready(row["profile"], row["day"])
            for change in engine.step(at // 1000, row["minute"], snapshot):
                name = alert_id(facility, change)
                if change.ended_s is None:
                    alerts[name] = _alert(name, facility, change, at, snapshot)
                elif name in alerts:
                    alerts[name]["cleared"] = change.ended_s * 1000
            if engine.faults:
                slot, fault = next(iter(engine.faults.items()))
                raise ValueError(f"{slot} at facility {facility}, {row['day']}: {fault}")
    return [list(alerts.values()) for alerts in found]


def _alert(name: str, facility: str, change: Change, at: int, snapshot: Snapshot) -> dict[str, Any]:
    subjects = subjects_of(change)
    zone = change.key if change.grain == "zone" else ""
    if subjects:
        places = dict(zip(snapshot.grains["subject"].keys, snapshot.zones, strict=True))
        zone = next((places[one] for one in subjects if places.get(one)), "")
    return {
        "alert_id": name,
        "rule": change.rule.id,
        "rule_version": change.rule.version,
        "verdict": change.verdict,
        "facility": facility,
        "zone": zone,
        "subjects": list(subjects),
        "onset": change.onset_s * 1000,
        "raised_at": at,
        "cleared": None,
    }
