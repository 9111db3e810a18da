"""`safehold demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(demo)


def demo(
    seed: Annotated[int, typer.Option(help="Everything simulated follows from it.")] = 7,
    seconds: Annotated[int, typer.Option(help="Length of the live part.")] = 3600,
    months: Annotated[int, typer.Option(min=4, help="Months of register history.")] = 24,
    real: Annotated[
        bool, typer.Option("--real", help="Also land the real recordings below SAFEHOLD_REALDATA.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for the summary and the pictures.")] = Path("out/demo"),
) -> None:
    """The whole platform once, on simulated data; Superset is left running."""
    import time

    from infra.demo.run import run_demo
    from infra.settings import load_settings

    began = time.monotonic()
    settings = load_settings()
    typer.echo(f"Safehold demo in {settings.home}")
    summary = run_demo(settings, out, typer.echo, seed=seed, seconds=seconds, months=months, real=real)
    typer.echo(_text(summary))
    typer.echo(f"{time.monotonic() - began:.0f} s in all; summary and pictures in {out}; stop it with: make down")


def _text(summary: dict[str, Any]) -> str:
    from rich.console import Console
    from rich.table import Table

    def table(title: str, rows: list[dict[str, Any]]) -> Table:
        grid = Table(title=title, title_justify="left")
        for name in rows[0] if rows else ():
            grid.add_column(name, justify="left" if isinstance(rows[0][name], str) else "right")
        for row in rows:
            grid.add_row(*("" if v is None else f"{v:.2f}" if isinstance(v, float) else str(v) for v in row.values()))
        return grid

    console = Console(width=120)
    with console.capture() as shown:
        console.print(table("Events by source", summary["events"]))
        console.print(table("Bad input", summary["bad_input"]))
        console.print(table("Alerts by rule, against the simulator's truth", summary["alerts_by_rule"]))
        for name, rules in summary["alerts_on_real_recordings"].items():
            console.print(f"Alerts on the real recording {name}: {rules or 'none'}", highlight=False)
        console.print(table("Rows", [{"table": k, "rows": v} for k, v in summary["rows"].items()]))
        agree = "agree" if summary["counts_agree"] else "DO NOT AGREE"
        console.print(f"Counts of all layers {agree}. Gate: {summary['gate']['checks']} checks passed.")
        late = summary["overdue_order"]
        console.print(
            f"An inspection of {late['facility']} found a weakness; its listed order was due {late['due']} and is "
            f"{late['days_overdue']} days overdue. Overdue at the end of the month: {late['overdue_by_tier']}.",
            highlight=False,
        )
        console.print(f"\nSuperset runs at {summary['address']}", highlight=False)
        for user, password in summary["logins"].items():
            console.print(f"  {user:<12} {password}", highlight=False)
        if not summary["logins"]:
            console.print(f"  log-ins were shown by the first demo; they are kept in {summary['logins_file']}")
        live = summary["live"]
        told = ", ".join(live["told"]["cell-101"])
        console.print(f"\nTerminals of posts run at {live['gateway']} (facility 330199)", highlight=False)
        for user, password in summary["terminals"].items():
            console.print(f"  {user:<22} {password}", highlight=False)
        console.print(f"A fight was on the screens of {told} after {live['screen_s']} s; answered, and closed.")
        console.print(
            f"Another, which nobody answered, was told to the leader after {live['escalated_s']} s, "
            f"and that nobody answered to {', '.join(live['told_of_no_answer'])}."
        )
    return shown.get()
