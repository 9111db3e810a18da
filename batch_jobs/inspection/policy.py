"""What is asked of inspections: cycles, minutes, shares, deadlines. Data, with the platform's defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from infra.settings import UserError, line_of, read_yaml

Kind = Literal["video", "on_site", "double_random"]
Severity = Literal["minor", "serious", "major"]
DEFAULT = Path(__file__).with_name("policy.yaml")


class Policy(BaseModel):
    """Cycles in weeks, minutes of video, share of the random draw, deadlines in days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cycle_weeks: dict[Kind, int]
    required_minutes: dict[Kind, int]
    random_share: float = Field(ge=0, le=1)
    days_to_mend: dict[Severity, int]
    listed: tuple[Severity, ...]
    recurrence_days: int = Field(ge=0)
    log_gap_hours: float = Field(gt=0)

    @field_validator("cycle_weeks", "required_minutes", "days_to_mend")
    @classmethod
    def _complete(cls, found: dict[str, int]) -> dict[str, int]:
        names = get_args(Severity) if "minor" in found else get_args(Kind)
        if set(found) != set(names):
            raise ValueError(f"give a number for each of {', '.join(names)}")
        if min(found.values()) < 0:
            raise ValueError("a number below 0")
        return found

    @field_validator("cycle_weeks")
    @classmethod
    def _a_week_at_least(cls, found: dict[str, int]) -> dict[str, int]:
        if min(found.values()) < 1:
            raise ValueError("a cycle is a week at least")
        return found


def load_policy(own: Path) -> Policy:
    """A unit's own policy where its file exists, else the platform's.

    Raises:
        UserError: with file, line and field of the first fault.
    """
    path = own if own.exists() else DEFAULT
    data, node = read_yaml(path, UserError)
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        line = line_of(node, first["loc"])
        raise UserError(f"{field}: {first['msg']}", where=f"{path}:{line}", do=f"see {DEFAULT.name}") from error
