"""The rules of the custody code as data: ``streaming_jobs/custody_code/rules.yaml`` holds exactly these fields."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from infra.settings import UserError, read_model
from streaming_jobs.catalogue.inputs import input_named
from streaming_jobs.catalogue.model import Text
from streaming_jobs.catalogue.scorecard import Cut, Weight, weight_on

CODE_FILE = Path(__file__).resolve().parents[1] / "custody_code" / "rules.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Clock(_Strict):
    """Days after which a review is due, and after which the code ends without one."""

    review_d: float = Field(gt=0)
    expires_d: float = Field(gt=0)

    @model_validator(mode="after")
    def _due_first(self) -> Self:
        if self.expires_d <= self.review_d:
            raise ValueError("a code expires after its review was due")
        return self


class Clocks(_Strict):
    """The review clock of each level."""

    green: Clock
    yellow: Clock
    red: Clock


class Proposals(_Strict):
    """Points at which a level is proposed."""

    yellow: Cut
    red: Cut

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.yellow.up >= self.red.down:
            raise ValueError("`red` must begin above `yellow`")
        return self


class CodeRule(_Strict):
    """Points for one kind of event: positive for a demerit, negative for a merit.

    ``input``: alerts of this rule make the platform propose an entry for those they are about. Only what
    somebody did may be proposed: an illness, a complaint, a visit or who somebody is never gives points.
    """

    rule: str = Field(pattern=r"^[a-z0-9_]+$")
    input: str | None = None
    counts_d: float = Field(gt=0, description="Days after the event for which it counts.")
    points: list[Weight] = Field(min_length=1)
    text: Text

    @model_validator(mode="after")
    def _is_about_behaviour(self) -> Self:
        if self.input is not None and not input_named(self.input).name.startswith("alert."):
            raise ValueError(f"{self.rule}: {self.input!r} is not behaviour; only alert.<rule> may give points")
        dates = [weight.from_ for weight in self.points]
        if dates != sorted(set(dates)):
            raise ValueError(f"{self.rule}: give dated points in ascending order, each date once")
        return self

    def on(self, day: date) -> Weight | None:
        """The points in force on a day."""
        return weight_on(self.points, day)


class CodeRules(_Strict):
    """All of it, with its version."""

    id: str
    version: int = Field(ge=1)
    source: str = Field(min_length=1)
    proposals: Proposals
    clocks: Clocks
    confirm_within_d: float = Field(gt=0, description="Days after which a proposed entry lapses.")
    rules: list[CodeRule] = Field(min_length=1)

    @property
    def name(self) -> str:
        return f"{self.id} v{self.version}"

    def rule(self, name: str) -> CodeRule | None:
        """A rule by its name."""
        return next((one for one in self.rules if one.rule == name), None)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [rule.rule for rule in self.rules]
        if len(set(names)) != len(names):
            raise ValueError("two rules have the same name")
        return self


class CodeRulesError(UserError):
    """The code's rules cannot be used."""


def load_code_rules(path: Path = CODE_FILE) -> CodeRules:
    """The rules of the custody code.

    Raises:
        CodeRulesError: with file, line and field of the first fault.
    """
    do = "see streaming_jobs/catalogue/custody_code.py for the fields"
    return read_model(path, CodeRules, CodeRulesError, whole="the rules", do=do)[0]
