"""The plan of response as data: posts, subscriptions, linkage, clocks, inhibition, limits."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.settings import UserError, line_of, read_yaml
from streaming_jobs.catalogue.model import Post, Severity, Text, Window

DEFAULT = Path(__file__).with_name("plan.yaml")
DAY_MIN = 1440


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PostKind(_Strict):
    """A kind of post. ``digits``: how much of the facility's id is its scope."""

    rank: int = Field(ge=0, description="0 within the facility, rising with the tier.")
    digits: Literal["all"] | int
    title: Text


class Unit(_Strict):
    """A part of a post that looks after some zones (patterns) of a facility."""

    post: Post
    facility: str
    unit: str = Field(pattern=r"^[A-Za-z0-9_-]{1,24}$")
    zones: list[str] = Field(min_length=1)


class Subscription(_Strict):
    """Posts that hear of more than rules tell them: by rule, severity, place and shift."""

    posts: list[Post] = Field(min_length=1)
    rules: list[str] = ["*"]
    severities: list[Severity] = ["notice", "minor", "major", "critical"]
    facilities: list[str] = ["*"]
    zones: list[str] = ["*"]
    shift: Window | None = None


class Unobservable(_Strict):
    """How an alert is treated that says: nobody can see."""

    severity: Severity
    posts: list[Post] = Field(min_length=1)


class EscalationStep(_Strict):
    """``after`` seconds, ``to`` these posts."""

    after: float = Field(gt=0)
    to: list[Post] = Field(min_length=1)


class Clock(_Strict):
    """The times of a severity, in seconds."""

    wait: float = Field(ge=0)
    interval: float = Field(ge=0)
    repeat: float = Field(gt=0)
    unanswered: list[EscalationStep]
    unfinished: list[EscalationStep]


class Inhibition(_Strict):
    """While a case of ``source`` holds, cases of ``target`` that agree in ``equal`` are not pushed."""

    source: list[str] = Field(min_length=1)
    target: list[str] = ["*"]
    target_verdict: Literal["violation", "unobservable", "*"] = "*"
    equal: list[Literal["facility", "zone"]] = Field(min_length=1)


class Maintenance(_Strict):
    """A window of every day in which these rules are recorded, not pushed."""

    rules: list[str] = Field(min_length=1)
    facilities: list[str] = ["*"]
    zones: list[str] = ["*"]
    window: Window


class Plan(_Strict):
    """The whole plan."""

    utc_offset_min: int = Field(ge=-DAY_MIN, le=DAY_MIN)
    posts: dict[Post, PostKind]
    units: list[Unit]
    subscriptions: list[Subscription]
    unobservable: Unobservable
    linkage: dict[str, list[str]]
    clocks: dict[Severity, Clock]
    closes_by_itself: list[Severity]
    inhibitions: list[Inhibition]
    maintenance: list[Maintenance]
    limit_per_minute: int = Field(ge=1)
    longest_silence_s: int = Field(ge=1)
    keep_closed_s: int = Field(ge=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        missing = {"notice", "minor", "major", "critical"} - set(self.clocks)
        if missing:
            raise ValueError(f"clocks: {', '.join(sorted(missing))} missing")
        if not any(kind.rank > 0 for kind in self.posts.values()):
            raise ValueError("posts: somebody above the facility's own posts is needed")
        rules = [rule for members in self.linkage.values() for rule in members]
        if len(rules) != len(set(rules)):
            raise ValueError("linkage: a rule belongs to one link only")
        return self

    def local_minute(self, at: int) -> int:
        """Minute of the local day at ``at`` ms."""
        utc = datetime.fromtimestamp(at / 1000, UTC)
        return (utc.hour * 60 + utc.minute + self.utc_offset_min) % DAY_MIN


def inside(window: Window, minute: int) -> bool:
    """Whether a minute of the day lies in the window, which may pass midnight."""
    begin, end = _minute(window.from_), _minute(window.to)
    return begin <= minute < end if begin <= end else minute >= begin or minute < end


def minutes_left(window: Window, minute: int) -> int:
    """Minutes until the window ends, for a minute inside."""
    return (_minute(window.to) - minute - 1) % DAY_MIN + 1


def fits(patterns: list[str], name: str) -> bool:
    """Whether a name fits one of the patterns (``*`` stands for anything)."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def load_plan(path: Path | None = None) -> Plan:
    """The plan in a file, or the one that is shipped.

    Raises:
        UserError: the file does not exist or a field of it is wrong.
    """
    file = path or DEFAULT
    data, node = read_yaml(file)
    try:
        return Plan.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        line = line_of(node, first["loc"])
        raise UserError(
            f"{field}: {first['msg']}" if field else first["msg"],
            where=f"{file}:{line}" if line else str(file),
            do="mend the plan of response",
        ) from error
