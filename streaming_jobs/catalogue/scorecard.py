"""A scorecard as data. The YAML files in ``streaming_jobs/risk/cards/`` hold exactly these fields."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from infra.settings import UserError, read_model
from streaming_jobs.catalogue.inputs import Grain, Input, input_named
from streaming_jobs.catalogue.model import Text

CARDS_DIR = Path(__file__).resolve().parents[1] / "risk" / "cards"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Weight(_Strict):
    """Points in force from a date on, with their source."""

    from_: date = Field(alias="from")
    points: float
    source: str = Field(min_length=1)


def weight_on(weights: Sequence[Weight], day: date) -> Weight | None:
    """Of dated weights in ascending order the one in force on a day."""
    return next((weight for weight in reversed(weights) if weight.from_ <= day), None)


class Factor(_Strict):
    """Points for one thing: a fact that ``is`` a value, a number in a range, or happenings that fade.

    A happening counts ``points * 2 ** (-age / half_life_h)``; all of one factor together count ``most``
    at most. A fact older than ``valid_d`` days is unknown. Negative points protect.
    """

    factor: str = Field(pattern=r"^[a-z0-9_]+$")
    input: str
    is_: str | bool | None = Field(default=None, alias="is")
    at_least: float | None = None
    below: float | None = None
    half_life_h: float | None = Field(default=None, gt=0)
    most: float | None = Field(default=None, gt=0)
    valid_d: float | None = Field(default=None, gt=0)
    weights: list[Weight] = Field(min_length=1)
    text: Text

    @cached_property
    def of(self) -> Input:
        """What it looks at."""
        return input_named(self.input)

    @model_validator(mode="after")
    def _fits_its_input(self) -> Self:
        kind, values = self.of.kind, self.of.values
        if (kind == "fact") != (self.is_ is not None):
            raise ValueError(f"{self.factor}: `is` belongs to a fact, and {self.input!r} is a {kind}")
        if self.is_ is not None and str(self.is_) not in values:
            raise ValueError(f"{self.factor}: {self.input!r} is never {self.is_!r}; use one of {', '.join(values)}")
        if (kind in ("number", "days")) != (self.at_least is not None or self.below is not None):
            raise ValueError(f"{self.factor}: a number or days need `at_least` or `below`, others have neither")
        if (kind == "happening") != (self.half_life_h is not None):
            raise ValueError(f"{self.factor}: `half_life_h` belongs to a happening, and {self.input!r} is a {kind}")
        if (self.most is not None and kind != "happening") or (self.valid_d is not None and kind != "fact"):
            raise ValueError(f"{self.factor}: `most` belongs to a happening, `valid_d` to a fact")
        dates = [weight.from_ for weight in self.weights]
        if dates != sorted(set(dates)):
            raise ValueError(f"{self.factor}: give dated weights in ascending order, each date once")
        return self


class Unknown(_Strict):
    """Points where an input is not known; an input without such a rule then gives none."""

    input: str
    points: float = Field(ge=0)
    source: str = Field(min_length=1)
    text: Text


class Cut(_Strict):
    """Hysteresis: the level is entered at ``up`` points and left below ``down``."""

    up: float
    down: float

    @model_validator(mode="after")
    def _has_width(self) -> Self:
        if not 0 < self.down < self.up:
            raise ValueError("a level is left below the points at which it is entered: 0 < down < up")
        return self

    def holds(self, points: float, before: bool) -> bool:
        """Whether the level holds with these points; ``before``: it held already, or a higher one did."""
        return points >= (self.down if before else self.up)


class Scorecard(_Strict):
    """All of it, with its version."""

    id: Literal["person-risk", "facility-risk"]
    version: int = Field(ge=1)
    mode: Literal["active", "shadow", "disabled"] = "active"
    valid_h: float = Field(gt=1, le=168, description="Hours after which a score expires.")
    elevated: Cut
    high: Cut
    factors: list[Factor] = Field(min_length=1)
    unknown: list[Unknown] = Field(default_factory=list)

    @property
    def grain(self) -> Grain:
        return "person" if self.id == "person-risk" else "facility"

    @property
    def name(self) -> str:
        return f"{self.id} v{self.version}"

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for name in (*(factor.input for factor in self.factors), *(rule.input for rule in self.unknown)):
            if input_named(name).grain != self.grain:
                raise ValueError(f"input {name!r} is not of a {self.grain}")
        names = [factor.factor for factor in self.factors]
        if len(set(names)) != len(names):
            raise ValueError("two factors have the same name")
        if self.elevated.up >= self.high.down:
            raise ValueError("`high` must begin above `elevated`")
        for rule in self.unknown:
            if input_named(rule.input).kind == "happening":
                raise ValueError(f"unknown: {rule.input!r} is a happening, which happened or did not")
        return self


class ScorecardError(UserError):
    """A scorecard cannot be used."""


def load_scorecard(path: Path = CARDS_DIR / "person-risk.yaml") -> Scorecard:
    """A scorecard's file; the one about persons where none is named.

    Raises:
        ScorecardError: the file is not a scorecard; names file, line and field.
    """
    do = "see streaming_jobs/catalogue/scorecard.py for the fields and inputs.py beside it for the inputs"
    return read_model(path, Scorecard, ScorecardError, whole="the scorecard", do=do)[0]


def load_scorecards(directory: Path = CARDS_DIR) -> tuple[Scorecard, ...]:
    """All scorecards of a folder, ordered by id.

    Raises:
        ScorecardError: a faulty file, or one that is not named after its id.
    """
    found = []
    for path in sorted(directory.glob("*.yaml")):
        card = load_scorecard(path)
        if card.id != path.stem:
            raise ScorecardError(f"the id is {card.id!r}", where=str(path), do="name the file after the id")
        found.append(card)
    return tuple(found)
