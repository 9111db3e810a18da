"""Writing reports: one unit's, or every unit's of a month."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from dashboards.published import SCHEMA
from dashboards.reports.content import make_content
from dashboards.reports.pages import html_page, pdf_file
from dashboards.reports.published import Scoped, open_published
from dashboards.reports.spec import load_report
from dashboards.reports.voice import Voice
from dashboards.reports.workbook import workbook
from dashboards.spec import Language, load_words
from infra.settings import UserError

_TIERS = ("nation", "province", "city", "facility")


@dataclass(frozen=True, slots=True)
class Written:
    """A unit's files, or why there are none."""

    scope: str
    files: tuple[Path, ...]
    fault: Exception | None = None


def _put(path: Path, content: bytes) -> Path:
    """Write whole or not at all: a reader never opens half a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)
    return path


def _write(
    db: duckdb.DuckDBPyConnection, scope: str, month: date, languages: Sequence[Language], out: Path
) -> tuple[Path, ...]:
    scoped, files = Scoped(db, scope, month), []
    made_at = scoped.freshness["built_at"]
    for language in languages:
        content = make_content(load_report(), scoped, Voice(language, load_words()))
        page = html_page(content, made_at)
        name = out / f"{month:%Y-%m}" / scope / f"safehold-{scope}-{month:%Y-%m}-{language}"
        files += [
            _put(name.with_suffix(".html"), page.encode()),
            _put(name.with_suffix(".xlsx"), workbook(content, made_at)),
            _put(name.with_suffix(".pdf"), pdf_file(page, content.fingerprint)),
        ]
    return tuple(files)


def write_report(published: Path, scope: str, month: date, languages: Sequence[Language], out: Path) -> Written:
    """Write a unit's report as HTML, xlsx and PDF, in each language.

    Args:
        published: the published DuckDB file.
        scope: 00, or a province's, city's or facility's code.
        month: first day of the month.
        out: folder; files lie in `out/<month>/<scope>/`.

    Raises:
        UserError: nothing is published, or not this unit or month.
        SafeholdError: the published file does not fit the publication models.
    """
    with open_published(published) as db:
        return Written(scope, _write(db, scope, month, languages, out))


def write_all(
    published: Path, month: date, languages: Sequence[Language], out: Path
) -> Iterator[tuple[Written, int, int]]:
    """Write the reports of every unit published for the month, the highest tier first, all from one publication.

    A unit whose report fails is given back with its fault, and the others go on. One unit's report at a time is in
    memory.

    Yields:
        What was written, the unit's number from 1, and how many there are.

    Raises:
        UserError: nothing is published, or nothing for the month.
    """
    with open_published(published) as db:
        found = db.execute(
            f"select distinct tier, unit from published.{SCHEMA}.population where month = ?", [month]
        ).fetchall()
        if not found:
            raise UserError(f"no unit has published figures for {month:%Y-%m}", where="--period")
        scopes = [unit for tier, unit in sorted(found, key=lambda row: (_TIERS.index(row[0]), row[1]))]
        for number, scope in enumerate(scopes, start=1):
            try:
                written = Written(scope, _write(db, scope, month, languages, out))
            except Exception as fault:  # whatever it is, it must not keep the other units from their reports
                written = Written(scope, (), fault)
            yield written, number, len(scopes)
