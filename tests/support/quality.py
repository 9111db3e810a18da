"""How good the rules are on a simulated week: spans of it through the plain fold, scored against the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ingestion.sources.simulator import Noise, Scenario, live, truth
from ingestion.sources.simulator.scenario import LOCAL
from streaming_jobs.catalogue import load_catalogue
from streaming_jobs.evaluation import RuleScore, evaluate
from tests.support.simulated import alerts_of, decide

MONDAY = datetime(2026, 11, 23, tzinfo=LOCAL)
WEEK_MIN = 7 * 24 * 60
SIZES = (36, 48, 60)
"""Detainees of the three facilities, which the spans take in turn."""
INCIDENTS_S, QUIET_S, DAY_S = 5400, 3600, 26 * 3600


def week(seed: int, incidents: int, quiet: int, *, day: bool) -> list[Scenario]:
    """Spans of a week, spread evenly over its days and nights.

    Args:
        incidents: spans of an hour and a half in which every kind of incident that fits happens once.
        quiet: spans of an hour without any.
        day: whether a small facility's whole day is added, for what takes a day to be due.
    """
    spans = [
        Scenario(
            seed=seed + n,
            live_facilities=1,
            fps=1,
            detainees=SIZES[n % len(SIZES)],
            start=MONDAY + timedelta(minutes=at),
            live_seconds=seconds,
            quiet=seconds == QUIET_S,
        )
        for count, seconds, shift in ((incidents, INCIDENTS_S, 0), (quiet, QUIET_S, 330))
        for n, at in enumerate(range(shift, shift + WEEK_MIN, WEEK_MIN // count) if count else ())
    ]
    if day:
        start = MONDAY + timedelta(days=2, hours=6)
        spans.append(Scenario(seed=seed, live_facilities=1, fps=1, detainees=12, start=start, live_seconds=DAY_S))
    return spans


@dataclass
class Quality:
    """Scores by rule over some facility-time. Two of them add up."""

    seconds: int = 0
    scores: dict[str, RuleScore] = field(default_factory=dict)
    blind_s: Counter[str] = field(default_factory=Counter)
    """By rule, seconds in which it was unobservable for somebody or some place."""

    def add(self, other: Quality) -> None:
        self.seconds += other.seconds
        self.blind_s.update(other.blind_s)
        for rule, score in other.scores.items():
            self.scores[rule] = self.scores[rule] + score if rule in self.scores else score

    def wrong_a_day(self, rule: str) -> float:
        """False alarms a facility-day."""
        return self.scores[rule].wrong * 86_400 / self.seconds

    def blind(self, rule: str) -> float:
        """Share of the time in which the rule was unobservable somewhere."""
        return self.blind_s[rule] / self.seconds


def quality_of(span: Scenario) -> Quality:
    """What the rules make of one span."""
    alerts = alerts_of(decide(live(span), span.end_ms + 1000), span.end_ms)
    rules = [rule.id for rule in load_catalogue()]
    found = {score.rule: score for score in evaluate(alerts, truth(span), rules)}
    blind = {rule: _covered_s(a for a in alerts if a["rule"] == rule and a["verdict"] != "violation") for rule in rules}
    return Quality(span.live_seconds, found, Counter(blind))


def _covered_s(alerts: Iterable[dict[str, Any]]) -> int:
    """Seconds that at least one of the alerts covers."""
    covered, until = 0, 0
    for onset, cleared in sorted((a["onset"], a["cleared"]) for a in alerts):
        covered += max(0, cleared - max(onset, until))
        until = max(until, cleared)
    return covered // 1000


def with_noise(spans: Sequence[Scenario], noise: Noise) -> list[Scenario]:
    """The same spans, observed with noise."""
    return [replace(span, noise=noise) for span in spans]
