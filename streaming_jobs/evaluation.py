"""Alerts against known truth: recall, precision and delay of each rule. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

TOLERANCE_MS = 5_000  # an alert's onset may lie this far outside the true interval


class Incident(Protocol):
    """Something that really happened and that a rule should report; times in ms."""

    @property
    def rule(self) -> str: ...
    @property
    def facility(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def ways(self) -> Sequence[str]:
        """Zones on the way to it and from it, in which it may be reported as well."""
        ...

    @property
    def subjects(self) -> Sequence[str]: ...
    @property
    def begin_ms(self) -> int: ...
    @property
    def end_ms(self) -> int: ...


@dataclass(frozen=True)
class RuleScore:
    """What became of a rule's incidents. Scores of the same rule add up."""

    rule: str
    incidents: int
    found: int
    alerts: int
    wrong: int
    """Alerts that meet no incident."""
    delays: tuple[float, ...] = ()
    """Seconds from the beginning to the alert, of those found."""
    unobservable: int = 0
    """Incidents not found of which the rule said that it could not observe them."""

    def __add__(self, other: RuleScore) -> RuleScore:
        counts = ("incidents", "found", "alerts", "wrong", "delays", "unobservable")
        return RuleScore(self.rule, **{name: getattr(self, name) + getattr(other, name) for name in counts})

    @property
    def recall(self) -> float | None:
        return None if self.incidents == 0 else self.found / self.incidents

    @property
    def precision(self) -> float | None:
        return None if self.alerts == 0 else (self.alerts - self.wrong) / self.alerts

    @property
    def delay_s(self) -> float | None:
        """Median delay."""
        return self.delay_at(0.5)

    def delay_at(self, share: float) -> float | None:
        """The delay (s) that a share of those found does not exceed; None where none was found."""
        return round(float(np.quantile(self.delays, share)), 1) if self.delays else None

    def summary(self) -> dict[str, Any]:
        """The figures by name, for a report."""
        names = ("rule", "incidents", "found", "alerts", "wrong", "delay_s", "recall", "precision")
        return {name: getattr(self, name) for name in names}


def _matches(alert: Mapping[str, Any], incident: Incident) -> bool:
    same = alert["rule"] == incident.rule and alert["facility"] == incident.facility
    # An alert that is still on has no end; it overlaps everything after its onset.
    ended = alert["cleared"] if alert["cleared"] is not None else incident.end_ms
    meets = alert["onset"] <= incident.end_ms + TOLERANCE_MS and ended >= incident.begin_ms - TOLERANCE_MS
    who = set(alert["subjects"]) & set(incident.subjects)
    of_facility = not alert["subjects"] and not alert["zone"]  # such an alert names nobody and no place
    return (
        same
        and meets
        and bool(who or of_facility or (alert["zone"] and alert["zone"] in (incident.zone, *incident.ways)))
    )


def evaluate(
    alerts: Iterable[Mapping[str, Any]], incidents: Iterable[Incident], rules: Sequence[str]
) -> list[RuleScore]:
    """Scores of the given rules. Only violations of active rules count as alerts.

    Args:
        alerts: one mapping an alert (rule, facility, zone, subjects, onset, raised_at, cleared,
            verdict, mode), not one a step.
    """
    active = [a for a in alerts if a["mode"] == "active"]
    known = list(incidents)
    scores = []
    for rule in rules:
        of_rule, true = [a for a in active if a["rule"] == rule], [i for i in known if i.rule == rule]
        mine = [a for a in of_rule if a["verdict"] == "violation"]
        blind = [a for a in of_rule if a["verdict"] == "unobservable"]
        hits = [[a for a in mine if _matches(a, incident)] for incident in true]
        delays = tuple(
            (min(a["raised_at"] for a in hit) - incident.begin_ms) / 1000.0
            for hit, incident in zip(hits, true, strict=True)
            if hit
        )
        unseen = [incident for hit, incident in zip(hits, true, strict=True) if not hit]
        unobservable = sum(any(_matches(a, incident) for a in blind) for incident in unseen)
        right = {a["alert_id"] for hit in hits for a in hit}
        wrong = sum(a["alert_id"] not in right for a in mine)
        scores.append(RuleScore(rule, len(true), len(delays), len(mine), wrong, delays, unobservable))
    return scores
