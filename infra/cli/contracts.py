"""Generating what follows from the contracts, showing them, checking files against them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ingestion.contracts import Contract

SHOWN = 20
"""Faults printed one by one; the rest is counted."""


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="The contracts: generate what follows from them, show, validate.")
    group.command()(generate)
    group.command()(show)
    group.command()(validate)
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


def show(name: Annotated[str, typer.Argument(help="Event type or table, e.g. video, death, silver.alert.")]) -> None:
    """Show a contract: what it is, its fields, an example."""
    import json

    from ingestion.contracts.examples import examples_of
    from ingestion.contracts.generate.fields import doc_of, fields_of, nested_in

    model = _named(name)
    typer.echo(f"{name}: {doc_of(model)}")
    for part in (model, *nested_in(model)):
        typer.echo("" if part is model else f"\n{part.__name__}: {doc_of(part)}")
        for field in fields_of(part):
            notes = [field.type, field.unit, field.limits, "required" if field.required else ""]
            typer.echo(f"  {field.name:<20} {'; '.join(filter(None, notes))}")
            typer.echo(f"  {'':<20} {field.doc}")
    typer.echo(f"\nExample:\n{json.dumps(examples_of(name).passing[0], ensure_ascii=False)}")


def validate(
    name: Annotated[str, typer.Argument(help="Event type or table, e.g. video, death, silver.alert.")],
    file: Annotated[Path, typer.Argument(help="JSON lines; blank lines are passed over.")],
) -> None:
    """Check every line of a file against a contract; faults are printed with line and field."""
    from infra.settings import UserError
    from ingestion.contracts.reading import faults_of

    _named(name)
    records = faulty = shown = 0
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                records += 1
                faults = faults_of(name, line)
                faulty += bool(faults)
                for fault in faults[: SHOWN - shown]:
                    typer.echo(f"{file}:{number}: {fault.field or 'the record'}: {fault.what}")
                shown = min(SHOWN, shown + len(faults))
    except OSError as error:
        raise UserError(f"cannot read the file: {error.strerror}", where=str(file), do="check the path") from error
    if faulty:
        raise UserError(
            f"{faulty} of {records} records do not follow the contract {name}",
            where=str(file),
            do=f"mend them; `safehold contracts show {name}` has the fields",
        )
    typer.echo(f"all {records} records follow the contract {name}")


def _named(name: str) -> type[Contract]:
    from infra.settings import UserError
    from ingestion.contracts import DERIVED, EVENTS, REGISTERS, contract_named

    try:
        return contract_named(name)
    except KeyError as error:
        known = ", ".join([*EVENTS, *REGISTERS, *DERIVED])
        raise UserError(f"no contract named {name!r}", where="the command line", do=f"use one of: {known}") from error
