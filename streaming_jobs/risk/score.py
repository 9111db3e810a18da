"""The scorecard's model and its arithmetic. Advice only: every score shows what it is made of and expires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.settings import UserError, read_yaml
from streaming_jobs.catalogue.model import Text

SCORECARD = Path(__file__).with_name("scorecard.yaml")
Level = Literal["low", "elevated", "high"]
_FACTS = Literal["case_class", "age_band", "first_custody", "minor", "health_flags"]
_FORGOTTEN = 2.0**-10  # a happening that has decayed to a thousandth counts no more


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StaticFactor(_Strict):
    """Points for a fact of the person; for lists, the value is one of the list."""

    factor: str = Field(pattern=r"^[a-z0-9_]+$")
    fact: _FACTS
    equals: str | bool
    points: float = Field(ge=0)
    source: str = Field(min_length=1)
    text: Text


class DynamicFactor(_Strict):
    """Points for an alert of a rule about the person, halved every ``half_life_h`` hours."""

    rule: str
    points: float = Field(ge=0)
    half_life_h: float = Field(gt=0)
    source: str = Field(min_length=1)
    text: Text


class Cut(_Strict):
    """Hysteresis: the level is entered at ``up`` points and left below ``down``."""

    up: float
    down: float


class Scorecard(_Strict):
    """All of it, with its version."""

    id: str
    version: int = Field(ge=1)
    valid_h: float = Field(gt=0, description="Hours after which a score expires.")
    elevated: Cut
    high: Cut
    static: list[StaticFactor]
    dynamic: list[DynamicFactor]

    @property
    def name(self) -> str:
        return f"{self.id} v{self.version}"


class Happening(NamedTuple):
    """An alert about a person: rule id and event time in s."""

    rule: str
    at_s: int


@dataclass(frozen=True)
class Score:
    """Points, level, and what they are made of."""

    points: float
    level: Level
    contributions: list[dict[str, Any]]


def load_scorecard(path: Path = SCORECARD) -> Scorecard:
    """The scorecard in force.

    Raises:
        UserError: the file is not a scorecard; names file and field.
    """
    data, _ = read_yaml(path)
    try:
        return Scorecard.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{field}: {first['msg']}", where=str(path), do="see streaming_jobs/risk/score.py") from error


def _level(card: Scorecard, points: float, before: Level) -> Level:
    if points >= card.high.up or (before == "high" and points >= card.high.down):
        return "high"
    if points >= card.elevated.up or (before != "low" and points >= card.elevated.down):
        return "elevated"
    return "low"


def score(
    card: Scorecard, facts: Mapping[str, Any], happenings: Sequence[Happening], at_s: int, before: Level
) -> Score:
    """Sum of static points and decayed dynamic points, in points.

    A dynamic contribution is ``points * 2 ** (-age / half_life)``; a fact that is not known (None or
    ``unknown``) gives no points and is not guessed.

    Args:
        facts: of the person, by name. happenings: alerts about the person, any order.
        at_s: event time of the score, s. before: level before, for the hysteresis.
    """
    contributions: list[dict[str, Any]] = []

    def add(factor: str, kind: str, points: float, since_s: int | None, text: Text) -> None:
        contributions.append(
            {
                "factor": factor,
                "kind": kind,
                "points": round(points, 2),
                "since": None if since_s is None else since_s * 1000,
                "zh": text.zh,
                "en": text.en,
            }
        )

    for fixed in card.static:
        value = facts.get(fixed.fact)
        if fixed.equals in value if isinstance(value, list) else value == fixed.equals:
            add(fixed.factor, "static", fixed.points, None, fixed.text)
    by_rule = {factor.rule: factor for factor in card.dynamic}
    for rule, since_s in sorted(happenings, key=lambda h: (h.at_s, h.rule)):
        factor = by_rule.get(rule)
        share = 0.0 if factor is None else 2.0 ** (-(at_s - since_s) / 3600.0 / factor.half_life_h)
        if factor is not None and share > _FORGOTTEN:
            add(rule, "dynamic", factor.points * share, since_s, factor.text)
    points = float(round(sum(c["points"] for c in contributions), 2))
    return Score(points, _level(card, points, before), contributions)
