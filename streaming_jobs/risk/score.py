"""The arithmetic of a scorecard. Advice only: every score shows what it is made of and expires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from streaming_jobs.catalogue.inputs import input_named
from streaming_jobs.catalogue.model import Text
from streaming_jobs.catalogue.scorecard import Factor, Scorecard, weight_on
from streaming_jobs.risk.record import DAY_S, Level, Record

FORGOTTEN = 10  # half-lives after which a happening, faded to a thousandth, counts no more
NOTHING = (None, "unknown")


@dataclass(frozen=True)
class Contribution:
    """What one factor adds. ``since_s``: since when it holds, or when it last happened; ``count``: how often."""

    factor: str
    input: str
    kind: str
    points: float
    since_s: int | None
    count: int
    value: str
    text: Text

    def row(self) -> dict[str, Any]:
        """As ``silver.risk`` shows it; times in ms."""
        return {
            "factor": self.factor,
            "input": self.input,
            "kind": self.kind,
            "points": self.points,
            "since": None if self.since_s is None else self.since_s * 1000,
            "count": self.count,
            "value": self.value,
            "zh": self.text.zh,
            "en": self.text.en,
        }


@dataclass(frozen=True)
class Score:
    """Points, what they are made of, and the inputs of which nothing is known."""

    points: float
    contributions: tuple[Contribution, ...]
    unknown: tuple[str, ...]


class Weights:
    """A card with the weights of a day. Looking them up once a day keeps scoring cheap."""

    def __init__(self, card: Scorecard, on: date) -> None:
        self.card, self.on = card, on
        dated = [(factor, weight_on(factor.weights, on)) for factor in card.factors]
        weighed = [(factor, weight.points) for factor, weight in dated if weight is not None]
        self.steady = [(f, points) for f, points in weighed if f.half_life_h is None]
        self.fading: dict[str, list[tuple[Factor, float, float]]] = {}
        for factor, points in weighed:
            if factor.half_life_h is not None:
                self.fading.setdefault(factor.input, []).append((factor, points, factor.half_life_h * 3600))
        self.inputs = tuple(
            name for name in dict.fromkeys(f.input for f, _ in self.steady) if not input_named(name).may_lack
        )
        self.missing = {rule.input: rule for rule in card.unknown}
        self.life_s = {name: FORGOTTEN * max(life for _, _, life in found) for name, found in self.fading.items()}


def score(weights: Weights, record: Record, at_s: int) -> Score:
    """The points of a record at a second: facts, numbers and fading happenings, added up.

    A happening counts ``points * 2 ** (-age / half_life)``. What is not known gives the points of the card's
    rule for it, or none, and is named; it is never guessed. A sum below 0 is raised to 0, and that is shown.

    Args:
        at_s: event time, s; later entries of the record are not looked at.
    """
    found = [*_steady(weights, record, at_s), *_fading(weights, record, at_s)]
    gone = tuple(name for name in weights.inputs if _is_unknown(weights, record, name, at_s))
    for name in gone:
        rule = weights.missing.get(name)
        if rule is not None:
            found.append(Contribution(f"unknown_{name}", name, "unknown", rule.points, None, 1, "", rule.text))
    points = round(sum(c.points for c in found), 2)
    if points < 0:
        found.append(Contribution("floor", "", "floor", -points, None, 1, "", FLOOR))
        points = 0.0
    return Score(points, tuple(found), gone)


FLOOR = Text(zh="总分不低于零", en="No score is below zero")


def _is_unknown(weights: Weights, record: Record, name: str, at_s: int) -> bool:
    since, value = record.value(name, at_s)
    if value in NOTHING:
        return True
    valid = [f.valid_d for f, _ in weights.steady if f.input == name and f.valid_d is not None]
    return bool(valid) and at_s - since > max(valid) * DAY_S


def _steady(weights: Weights, record: Record, at_s: int) -> Iterator[Contribution]:
    for factor, points in weights.steady:
        since, value = record.value(factor.input, at_s)
        if value is None or (factor.valid_d is not None and at_s - since > factor.valid_d * DAY_S):
            continue
        kind = factor.of.kind
        if kind == "fact":
            shown = str(factor.is_)
            if not (shown in value if isinstance(value, list) else shown == str(value)):
                continue
        else:
            number = (at_s - value) / DAY_S if kind == "days" else float(value)
            if (factor.at_least is not None and number < factor.at_least) or (
                factor.below is not None and number >= factor.below
            ):
                continue
            since = value if kind == "days" else since
            shown = f"{number:.2f}".rstrip("0").rstrip(".")
        yield Contribution(factor.factor, factor.input, kind, points, since, 1, shown, factor.text)


def _fading(weights: Weights, record: Record, at_s: int) -> Iterator[Contribution]:
    sums: dict[str, tuple[Factor, float, int, int]] = {}
    for name, when, _, struck_s in record.happenings:
        age = at_s - when
        if age < 0 or 0 < struck_s <= at_s:
            continue
        for factor, points, life_s in weights.fading.get(name, ()):
            if age <= FORGOTTEN * life_s:
                _, total, count, _ = sums.get(factor.factor, (factor, 0.0, 0, 0))
                sums[factor.factor] = (factor, total + points * 2.0 ** (-age / life_s), count + 1, when)
    for factor, total, count, last in sums.values():
        most = factor.most if factor.most is not None else abs(total)
        points = round(max(-most, min(most, total)), 2)
        yield Contribution(factor.factor, factor.input, "happening", points, last, count, "", factor.text)


def level_of(card: Scorecard, points: float, before: Level) -> Level:
    """The level of a sum: entered at ``up``, left below ``down``, so that it does not flap in between."""
    if card.high.holds(points, before == "high"):
        return "high"
    return "elevated" if card.elevated.holds(points, before != "low") else "low"
