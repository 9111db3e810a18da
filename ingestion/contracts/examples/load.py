"""Reading a contract's examples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DIRECTORY = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Failing:
    """A record that the contract must refuse with an error that names ``field``."""

    reason: str
    field: str
    record: dict[str, Any]


@dataclass(frozen=True)
class Examples:
    """A contract's examples, as JSON objects."""

    passing: list[dict[str, Any]]
    failing: list[Failing]


@cache
def examples_of(name: str) -> Examples:
    """Examples of the contract with this event type or table name.

    Raises:
        FileNotFoundError: the contract has none.
        KeyError: an entry lacks a part.
    """
    data = yaml.safe_load((DIRECTORY / f"{name}.yaml").read_text(encoding="utf-8"))
    first = data["pass"][0]
    failing = [
        Failing(
            entry["reason"],
            entry["field"],
            {key: value for key, value in first.items() if key not in entry.get("without", ())} | entry.get("with", {}),
        )
        for entry in data["fail"]
    ]
    return Examples(data["pass"], failing)
