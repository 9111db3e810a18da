"""Bringing events in: simulate, replay, landing of record files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli import simulate

if TYPE_CHECKING:
    from ingestion.landing import LandingReport


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    simulate.add_to(app)
    app.command()(land)


def land(
    files: Annotated[list[Path] | None, typer.Argument(help="Files of JSON lines; .gz is unpacked.")] = None,
    source: Annotated[str, typer.Option(help="Name of the source that the records are counted under.")] = "",
    key_field: Annotated[str, typer.Option(help="Field of a line that gives the record's key.")] = "facility",
    spool: Annotated[bool, typer.Option("--spool", help="Send what waits because the broker was away.")] = False,
) -> None:
    """Post files of JSON lines as they are, malformed lines too, and account for every record."""
    from infra.settings import UserError, load_settings
    from ingestion.landing import land as land_records
    from ingestion.landing import send_spool
    from ingestion.landing.lines import read_lines

    if not files and not spool:
        raise UserError("nothing to land", where="safehold land", do="name files, or give --spool")
    if files and not source:
        raise UserError("the source has no name", where="--source", do="give one, e.g. --source cctv-gateway")
    for path in files or []:
        if not path.is_file():
            raise UserError("there is no such file", where=str(path), do="give the path of a file of JSON lines")
    settings = load_settings()
    reports = [("spool", report) for report in send_spool(settings)] if spool else []
    for path in files or []:
        reports.append((str(path), land_records(settings, source, read_lines(path, key_field))))
    for name, report in reports:
        typer.echo(report_line(name, report))
    ended(*(report for _, report in reports))


def report_line(name: str, report: LandingReport) -> str:
    """One line for the user: what became of the records."""
    line = f"{name}: {report.offered} offered = {report.landed} landed + {report.quarantined} quarantined"
    if report.spooled:
        line += f" + {report.spooled} spooled"
    if report.reasons:
        line += " (" + ", ".join(f"{reason} {count}" for reason, count in sorted(report.reasons.items())) + ")"
    return line


def ended(*reports: LandingReport) -> None:
    """End a command that landed records.

    Raises:
        SafeholdError: the broker was away and records wait in the spool.
    """
    from infra.settings import SafeholdError, load_settings

    if waiting := sum(report.spooled for report in reports):
        raise SafeholdError(
            f"the broker was away: {waiting} records wait in the spool, none is lost",
            where=str(load_settings().spool),
            do="start the broker (safehold up), then: safehold land --spool",
        )
