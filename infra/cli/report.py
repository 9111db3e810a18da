"""Trend reports of a unit, or of all."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from infra.settings import SafeholdError, UserError, load_settings


def _month(text: str) -> date:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise UserError(f"not a month: {text!r}", where="--period", do="write it as 2026-10")
    return date.fromisoformat(f"{text}-01")


def report(
    period: Annotated[str, typer.Option(metavar="MONTH", help="Month, as 2026-10.")],
    scope: Annotated[
        str | None, typer.Option(metavar="CODE", help="00 the nation, 2 digits a province, 4 a city, 6 a facility.")
    ] = None,
    all_units: Annotated[bool, typer.Option("--all", help="Every unit that is published for the month.")] = False,
    lang: Annotated[list[str] | None, typer.Option(help="zh or en; both if not given.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; reports/ of the instance if not given.")] = None,
    reader: Annotated[
        str | None, typer.Option(metavar="NAME", help="Refuse what this reader of the access table may not see.")
    ] = None,
) -> None:
    """Write a unit's trend report (PDF, HTML, xlsx) from the published figures."""
    from dashboards.access import load_access, read_units
    from dashboards.reports.published import refuse_outside
    from dashboards.reports.write import write_all, write_report
    from dashboards.spec import LANGUAGES

    month, settings = _month(period), load_settings()
    folder = out or settings.home / "reports"
    for language in lang or []:
        if language not in LANGUAGES:
            raise UserError(f"not a language of the reports: {language!r}", where="--lang", do="zh or en")
    languages = [language for language in LANGUAGES if language in (lang or LANGUAGES)]
    if (scope is None) != all_units:
        raise UserError("say whose report", where="--scope", do="give --scope CODE, or --all")
    if scope is not None:
        if reader is not None:
            units = read_units(settings.published_db, ["population"])
            refuse_outside(scope, reader, load_access(), units, datetime.now(UTC).date())
        for path in write_report(settings.published_db, scope, month, languages, folder).files:
            typer.echo(str(path))
        return
    if reader is not None:
        raise UserError("a reader's report is one unit's", where="--reader", do="give --scope CODE with it")
    began, failed = time.monotonic(), []
    for written, number, of in write_all(settings.published_db, month, languages, folder):
        state = f"{len(written.files)} files" if written.fault is None else f"FAILED: {written.fault}"
        typer.echo(f"[{number}/{of}] {written.scope:<8} {state}  {time.monotonic() - began:.0f} s")
        if written.fault is not None:
            failed.append(written.scope)
    if failed:
        raise SafeholdError(
            f"no report of {', '.join(failed)}", do="see the reason beside each; the others are written"
        )
    typer.echo(f"reports in {folder / period}")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(report)
