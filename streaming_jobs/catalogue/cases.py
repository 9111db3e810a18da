"""Cases of a rule: feature series in run-length form, and the alerts they must give.

A series such as ``1x30 _x5 0x3`` means 30 seconds of 1, five of missing data, three of 0. The last
value goes on to the end of the longest series. Times in ``expect`` are seconds after ``start``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from infra.settings import read_yaml
from streaming_jobs.catalogue.load import RuleError

_RUN = re.compile(r"^(_|-?\d+(?:\.\d+)?)(?:x(\d+))?$")


class Expected(BaseModel):
    """One expected alert."""

    model_config = ConfigDict(extra="forbid")
    verdict: Literal["violation", "unobservable"] = "violation"
    onset: int
    raised: int
    cleared: int | None = None


class Case(BaseModel):
    """One case."""

    model_config = ConfigDict(extra="forbid")
    name: str
    start: AwareDatetime
    timezone: str = "Asia/Shanghai"
    profile: str = "default"
    seconds: int | None = None
    series: dict[str, Annotated[str, BeforeValidator(str)]] = Field(min_length=1)
    expect: list[Expected]


class CaseFile(BaseModel):
    """All cases of one rule."""

    model_config = ConfigDict(extra="forbid")
    rule: str
    cases: list[Case] = Field(min_length=1)


def parse_series(text: str) -> npt.NDArray[np.float64]:
    """Run-length text to a float64 array of shape (seconds,); ``_`` gives NaN.

    Raises:
        ValueError: a run that is not ``value`` or ``valuexcount``.
    """
    runs = []
    for token in text.split():
        match = _RUN.match(token)
        if match is None:
            raise ValueError(f"not a run: {token!r}; write e.g. 1x30, _x5 or 0.5")
        value = np.nan if match[1] == "_" else float(match[1])
        runs.append(np.full(int(match[2] or 1), value))
    return np.concatenate(runs)


def load_cases(path: Path) -> CaseFile:
    """A ``<rule>.cases.yaml`` file.

    Raises:
        RuleError: with file and field of the first fault.
    """
    data, _ = read_yaml(path, RuleError)
    try:
        return CaseFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise RuleError(
            f"{field}: {first['msg']}", where=str(path), do="see streaming_jobs/catalogue/cases.py"
        ) from error
