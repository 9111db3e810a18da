"""Alerts beside the ground truth: what was found, what was missed, what nobody staged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.sources.simulator.stage import Truth

SLACK_MS = 5000
"""Onsets are seconds, and speeds and dwells need a few observations."""


@dataclass
class Score:
    """Of one rule: incidents staged, found and missed, and alerts that belong to none."""

    expected: int = 0
    found: int = 0
    missed: int = 0
    unexpected: int = 0


def _belongs(truth: Truth, alert: Mapping[str, Any]) -> bool:
    same_place = truth.rule == alert["rule"] and truth.facility == alert["facility"]
    in_time = truth.begin_ms - SLACK_MS <= alert["onset"] <= truth.end_ms + SLACK_MS
    if truth.subjects:
        return bool(same_place and in_time and set(truth.subjects) & set(alert["subjects"]))
    return bool(same_place and in_time and truth.zone == alert["zone"])


def score(truths: Iterable[Truth], alerts: Iterable[Mapping[str, Any]]) -> dict[str, Score]:
    """Score of every rule that was staged or raised.

    Args:
        truths: what was staged.
        alerts: rows of `silver.alert` in the step `raised` with the verdict `violation`.
    """
    staged, raised = list(truths), [a for a in alerts if a["verdict"] == "violation"]
    scores = {rule: Score() for rule in sorted({t.rule for t in staged} | {a["rule"] for a in raised})}
    for truth in staged:
        hit = any(_belongs(truth, alert) for alert in raised)
        scores[truth.rule].expected += 1
        scores[truth.rule].found += hit
        scores[truth.rule].missed += not hit
    for alert in raised:
        scores[alert["rule"]].unexpected += not any(_belongs(truth, alert) for truth in staged)
    return scores
