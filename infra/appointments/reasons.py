"""Reasons in words: what is told, and what to do, in both languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from infra.settings import read_yaml

FILE = Path(__file__).with_name("reasons.yaml")


class Reason(BaseModel):
    """A reason in words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    do_zh: str = Field(min_length=1)
    do_en: str = Field(min_length=1)


@cache
def reasons() -> dict[str, Reason]:
    """All reasons by their code."""
    return TypeAdapter(dict[str, Reason]).validate_python(read_yaml(FILE)[0])
