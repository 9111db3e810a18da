"""Which rows are news: the versions of a register that are known, by key and known time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from ingestion.contracts import RegisterRow, content_id

Verdict = Literal["new", "correction", "confirmed", "unchanged", "superseded"]

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

    def judge(self, row: RegisterRow, now: datetime, *, stated: bool) -> tuple[Verdict, datetime]:
        """Whether a row is news, and from when it is known; takes it in if it is.

        A row that becomes known by its import is compared with the newest version: `unchanged`,
        `new` or a `correction`. A row whose known time is ``stated`` by the file is a version of
        its own, so that files may be imported in any order: `new`, a `correction` of the version
        before, or `confirmed` where that says the same. If a version of the very moment exists, the
        row is `unchanged`, or it corrects that version, which the platform learns ``now``; unless
        something is known since, when the row is `superseded`.
        """
        content, versions, at = content_of(row), self.known.get(key_of(row), []), row.known_from
        if stated:
            return self._judge_stated(row, content, versions, now)
        if versions and versions[-1][1] == content:
            return "unchanged", at
        self._add(row.model_dump(), at)
        return ("correction" if versions else "new"), at

    def _judge_stated(
        self, row: RegisterRow, content: str, versions: list[tuple[datetime, str]], now: datetime
    ) -> tuple[Verdict, datetime]:
        at = row.known_from
        in_force = next((version for version in reversed(versions) if version[0] <= at), None)
        if in_force is None or in_force[0] < at:
            self._add(row.model_dump(), at)
            if in_force is None:
                return "new", at
            return ("confirmed" if in_force[1] == content else "correction"), at
        if content in (in_force[1], versions[-1][1]):
            return "unchanged", at
        if versions[-1][0] > at:
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


def _content(model: type[RegisterRow], row: Mapping[str, Any]) -> str:
    return content_id(*(_plain(row[name]) for name in model.model_fields if name not in _NO_CONTENT))


def _plain(value: Any) -> str:
    """The same text for the same value, whichever library's time zone object it carries."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else repr(value)
