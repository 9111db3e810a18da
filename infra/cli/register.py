"""Importing registers from somebody's own files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="The registers: import somebody's own files.")
    group.command("import")(import_)
    group.command()(mappings)
    group.command()(derive)
    app.add_typer(group, name="register")


def import_(
    files: Annotated[list[Path], typer.Argument(help="Delimited text files, all of the kind the mapping is for.")],
    mapping: Annotated[Path, typer.Option(help="A mapping (YAML), or the name of one that is shipped.")],
) -> None:
    """Bring deaths, head counts, incidents, inspections or places into the lake, by a mapping."""
    from datetime import UTC, datetime

    from infra.settings import load_settings
    from ingestion.registers import import_files, load_mapping

    report = import_files(load_settings(), load_mapping(mapping), files, now=datetime.now(UTC))
    for line in report.lines():
        typer.echo(line)


def mappings() -> None:
    """List the mappings that are shipped, with what each file is."""
    from ingestion.registers import MAPPINGS, load_mapping
    from ingestion.registers.load import shipped

    for name in shipped():
        typer.echo(f"{name:<22} {load_mapping(MAPPINGS / f'{name}.yaml').about}")


def derive() -> None:
    """Write what the platform saw of days in custody, restraints and lawyers; each build does so first."""
    from infra import derived_registers
    from infra.settings import load_settings

    for register, rows in derived_registers.keep(load_settings()).items():
        typer.echo(f"{register}: {rows} new rows")
