"""A rule as data. The YAML files below ``streaming_jobs/rules/`` hold exactly these fields."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from streaming_jobs.features.feature import Grain
from streaming_jobs.features.registry import FEATURES

Op = Literal["<", "<=", ">", ">=", "==", "!="]
Severity = Literal["notice", "minor", "major", "critical"]
Post = Literal["control_room", "block_duty", "medical", "gate", "leader", "city_duty", "province"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Strict):
    """A text in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Threshold(_Strict):
    """A value in force from a date on, with its source; profiles may hold other values."""

    from_: date = Field(alias="from")
    value: float
    source: str = Field(min_length=1)
    profiles: dict[str, float] = Field(default_factory=dict)


class Predicate(_Strict):
    """``feature op value``, the value being a number or the name of a parameter."""

    feature: str
    op: Op
    value: float | str

    @model_validator(mode="after")
    def _feature_exists(self) -> Self:
        if self.feature not in FEATURES:
            raise ValueError(f"unknown feature {self.feature!r}; see streaming_jobs/features/domains/")
        return self


class Window(_Strict):
    """Local time of day, ``from`` inclusive, ``to`` exclusive; may pass midnight."""

    from_: str = Field(alias="from", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    to: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


class Rule(_Strict):
    """Feature comparisons at a grain that have to hold for a time: all of ``when``, one of ``any``, none of ``unless``.

    Times are in seconds. ``hold``, ``clear_after``, ``cooldown`` may be numbers or parameters.
    """

    id: str = Field(pattern=r"^[a-z]{3}-\d{2}[a-z]?$")
    version: int = Field(ge=1)
    title: Text
    grain: Grain
    when: list[Predicate] = Field(default_factory=list)
    any: list[Predicate] = Field(default_factory=list, description="Where given, at least one of these must hold.")
    unless: list[Predicate] = Field(default_factory=list)
    hold: float | str = 0.0
    gap: float = Field(default=3.0, ge=0, description="Seconds of missing data that do not break a hold.")
    lapse: float = Field(default=0.0, ge=0, description="Seconds of a false condition that do not break a hold.")
    clear_after: float = Field(default=5.0, ge=0)
    cooldown: float = Field(default=60.0, ge=0)
    schedule: list[Window] = Field(default_factory=list)
    unobservable_after: float | None = Field(
        default=None,
        ge=0,
        description="Seconds of an unknown condition after which the verdict `unobservable` is recorded.",
    )
    parameters: dict[str, list[Threshold]] = Field(default_factory=dict)
    severity: Severity
    advice: Text
    accountable: Post
    notify: list[Post] = Field(min_length=1)
    about_staff: bool = False
    source: str = Field(min_length=1)
    mode: Literal["active", "shadow", "disabled"] = "active"

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        if not self.when and not self.any:
            raise ValueError("a rule needs a condition under `when` or `any`")
        for predicate in self.predicates:
            if FEATURES[predicate.feature].grain != self.grain:
                raise ValueError(f"feature {predicate.feature!r} is not of the rule's grain {self.grain!r}")
        used = {p.value for p in self.predicates if isinstance(p.value, str)}
        used |= {self.hold} if isinstance(self.hold, str) else set()
        for name in sorted(used - set(self.parameters)):
            raise ValueError(f"parameter {name!r} is used but not given under `parameters`")
        for name in sorted(set(self.parameters) - used):
            raise ValueError(f"parameter {name!r} is given but never used")
        for name, values in self.parameters.items():
            if not values or [v.from_ for v in values] != sorted({v.from_ for v in values}):
                raise ValueError(f"parameter {name!r}: give dated values in ascending order, each date once")
        if self.about_staff and self.accountable in self.notify and len(self.notify) == 1:
            raise ValueError("an alert about staff must be notified to a post other than the accountable one")
        return self

    @property
    def predicates(self) -> tuple[Predicate, ...]:
        """Every comparison of the rule, whatever its part in it."""
        return (*self.when, *self.any, *self.unless)

    def parameter(self, value: float | str, profile: str, on: date) -> tuple[float, str]:
        """The number behind ``value`` on a day, and its source.

        Raises:
            ValueError: the parameter has no value yet on that day.
        """
        if not isinstance(value, str):
            return float(value), self.source
        current = [t for t in self.parameters[value] if t.from_ <= on]
        if not current:
            raise ValueError(f"{self.id}: parameter {value!r} has no value on {on}")
        threshold = current[-1]
        return threshold.profiles.get(profile, threshold.value), threshold.source
