"""The bundles that were deployed to an instance, so that one can go back, and what each left behind.

One folder: `history.json`, and for each deploy `<number>.zip` (what was imported) and
`<number>-left.zip` (what Superset held of it afterwards, to find what people changed since).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dashboards.archive import Bundle, read_archive, write_archive
from dashboards.edits import Export, as_export
from infra.settings import SafeholdError

KEPT = 20
"""Deploys one can go back to."""


class Entry(BaseModel):
    """One deploy."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number: int
    at: str
    digest: str
    before: int | None
    """The deploy that it replaced."""
    audiences: dict[str, str]


class Log(BaseModel):
    """Content of history.json."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    current: int | None = None
    entries: tuple[Entry, ...] = ()
    owned: tuple[str, ...] = ()
    """UUIDs of everything that the code ever made here and that may still be there."""


def _replace(path: Path, data: bytes) -> None:
    other = path.with_suffix(f"{path.suffix}.new")
    other.write_bytes(data)
    os.replace(other, path)


@dataclass(frozen=True, slots=True)
class History:
    """Deploys of one instance."""

    folder: Path

    def read(self) -> Log:
        """What was deployed; empty before the first deploy.

        Raises:
            SafeholdError: the file cannot be read.
        """
        path = self.folder / "history.json"
        if not path.exists():
            return Log()
        try:
            return Log.model_validate_json(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise SafeholdError(
                f"the history of deploys cannot be read: {error}",
                where=str(path),
                do="remove the folder; the next deploy begins a new one",
            ) from error

    def current(self) -> Entry | None:
        """The deploy that runs."""
        log = self.read()
        return next((entry for entry in log.entries if entry.number == log.current), None)

    def previous(self) -> Entry | None:
        """The deploy that the running one replaced."""
        current = self.current()
        before = current.before if current else None
        return next((entry for entry in self.read().entries if entry.number == before), None)

    def bundle(self, entry: Entry) -> Bundle:
        """What a deploy imported."""
        return Bundle(read_archive((self.folder / f"{entry.number}.zip").read_bytes()), entry.audiences)

    def left(self, entry: Entry) -> Export:
        """What Superset held of a deploy's objects right after it."""
        return as_export(read_archive((self.folder / f"{entry.number}-left.zip").read_bytes()))

    def entry(self, bundle: Bundle, at: str) -> Entry:
        """The entry of a bundle: the current one if it is the same bundle, else a new one after all others."""
        current = self.current()
        if current is not None and current.digest == bundle.digest:
            return current
        log = self.read()
        number = max((entry.number for entry in log.entries), default=0) + 1
        return Entry(number=number, at=at, digest=bundle.digest, before=log.current, audiences=bundle.audiences)

    def write(self, entry: Entry, bundle: Bundle, left: Export, owned: set[str]) -> None:
        """Make an entry the current one; the oldest entries go."""
        log = self.read()
        self.folder.mkdir(parents=True, exist_ok=True)
        _replace(self.folder / f"{entry.number}.zip", bundle.archive)
        contents = {item.path: item.content for item in left.values()}
        _replace(self.folder / f"{entry.number}-left.zip", write_archive("left", contents))
        entries = {e.number: e for e in (*log.entries, entry)}
        kept = [entries[number] for number in sorted(entries)[-KEPT:]]
        new = Log(current=entry.number, entries=tuple(kept), owned=tuple(sorted(owned)))
        _replace(self.folder / "history.json", new.model_dump_json(indent=1).encode())
        for number in entries.keys() - {e.number for e in kept}:
            for name in (f"{number}.zip", f"{number}-left.zip"):
                (self.folder / name).unlink(missing_ok=True)
