"""Which rows are news: the versions of a register that are known, by key and known time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from ingestion.contracts import RegisterRow, content_id

Verdict = Literal["new", "correction", "unchanged", "superseded"]

_NO_CONTENT = ("known_from", "source")


@dataclass
class Versions:
    """Versions of one register: key to `(known_from, content)` in the order of known time."""

    model: type[RegisterRow]
    known: dict[tuple[Any, ...], list[tuple[datetime, str]]] = field(default_factory=dict)

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take in rows of the lake, in any order."""
        for row in rows:
            self._add(row, row["known_from"].astimezone(UTC))

    def judge(self, row: RegisterRow, now: datetime) -> tuple[Verdict, datetime]:
        """Whether a row is news, and from when it is known; takes it in if it is.

        - The version in force at the row's known time says the same: `unchanged`.
        - No version of just that time exists: `new` (or a `correction` where the key was known).
        - One does and says otherwise: the row corrects it, which the platform learns `now`; but
          where a later version exists the row is `superseded`, since it corrects the past only.
        """
        content = _content(self.model, row.model_dump())
        versions = self.known.get(key_of(row), [])
        at = row.known_from
        in_force = _as_of(versions, at)
        if in_force is not None and in_force[1] == content:
            return "unchanged", at
        if in_force is None or in_force[0] < at:
            self._add(row.model_dump(), at)
            return ("correction" if versions else "new"), at
        newest = versions[-1]
        if newest[1] == content:
            return "unchanged", at
        if newest[0] > at:
            return "superseded", at
        self._add(row.model_dump(), now)
        return "correction", now

    def _add(self, row: Mapping[str, Any], known_from: datetime) -> None:
        versions = self.known.setdefault(tuple(row[name] for name in self.model.KEY), [])
        versions.append((known_from, _content(self.model, row)))
        versions.sort(key=lambda version: version[0])


def key_of(row: RegisterRow) -> tuple[Any, ...]:
    """The values of the register's key."""
    return tuple(getattr(row, name) for name in row.KEY)


def content_of(row: RegisterRow) -> str:
    """Digest of what the row says: all fields but when it was known and who said so."""
    return _content(type(row), row.model_dump())


def _as_of(versions: list[tuple[datetime, str]], at: datetime) -> tuple[datetime, str] | None:
    return next((version for version in reversed(versions) if version[0] <= at), None)


def _content(model: type[RegisterRow], row: Mapping[str, Any]) -> str:
    return content_id(*(_plain(row[name]) for name in model.model_fields if name not in _NO_CONTENT))


def _plain(value: Any) -> str:
    """The same text for the same value, whichever library's time zone object it carries."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else repr(value)
