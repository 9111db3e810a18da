"""Exporting alerts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Alerts: export them with their explanations.")
    group.command("export")(export)
    app.add_typer(group, name="alerts")


def export(
    out: Annotated[Path, typer.Option("--out", help="File of JSON lines to write, one alert a line.")],
    rule: Annotated[str | None, typer.Option("--rule", help="Only the alerts of this rule, e.g. int-01.")] = None,
) -> None:
    """Write the alerts in the lake: what was decided, when, about whom, and why."""
    from infra.settings import load_settings
    from streaming_jobs.catalogue import load_catalogue
    from streaming_jobs.export import export_alerts

    if rule is not None:
        _ = load_catalogue()[rule]  # an unknown rule is the user's error, an empty file is not an answer to it
    count = export_alerts(load_settings(), out, rule)
    typer.echo(f"{count} alerts in {out}")
