"""Generating what follows from the contracts, showing them, checking files against them."""

from __future__ import annotations

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="The contracts: generate what follows from them, show, validate.")
    group.command()(generate)
    app.add_typer(group, name="contracts")


def generate(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 and name the files that are stale.")
    ] = False,
) -> None:
    """Write JSON Schema, Flink DDL, Iceberg schemas, dbt sources and the reference page."""
    from infra.settings import SafeholdError
    from infra.settings.model import ROOT
    from ingestion.contracts.generate import outputs, stale, write

    if check:
        if wrong := stale(ROOT):
            raise SafeholdError(
                f"{len(wrong)} generated files are not current",
                where=", ".join(wrong),
                do="safehold contracts generate",
            )
        typer.echo(f"all {len(outputs())} generated files are current")
        return
    for path in (touched := write(ROOT)):
        typer.echo(f"wrote {path}")
    typer.echo(f"{len(touched)} of {len(outputs())} files written")
