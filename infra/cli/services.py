"""Starting and stopping an instance's services: up, down, status."""

from __future__ import annotations

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(up)
    app.command()(down)
    app.command()(status)
    app.command()(clock)


Only = Annotated[list[str] | None, typer.Option("--only", help="A service's name; may be given more than once.")]


def up(only: Only = None) -> None:
    """Start this instance's services, and make its topics and lake tables. Does nothing twice."""
    import time

    from infra.local.instance import start_services
    from infra.settings import load_settings

    settings = load_settings()
    began = time.monotonic()
    for service in start_services(settings, only or []):
        typer.echo(f"{service.name:<10} {service.address(settings):<24} {time.monotonic() - began:5.1f} s")


def down(only: Only = None) -> None:
    """Stop what this instance started, and nothing else. Data stays."""
    from infra.local.instance import stop_services
    from infra.settings import load_settings

    settings = load_settings()
    stopped = stop_services(settings, only or [])
    typer.echo(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


def status() -> None:
    """Show what runs, where it answers and where its log is."""
    from infra.local.services import ALL
    from infra.settings import load_settings
    from infra.settings.running import read_run

    settings = load_settings()
    typer.echo(f"instance   {settings.home}")
    for service in ALL:
        record = read_run(settings, service.name)
        if record is None:
            typer.echo(f"{service.name:<10} stopped")
        elif not record.is_alive():
            typer.echo(f"{service.name:<10} stopped by itself          log {record.log}")
        else:
            typer.echo(f"{service.name:<10} {service.address(settings):<24} pid {record.pid}  log {record.log}")


def clock() -> None:
    """Tell of the silence of live facilities until stopped. In the background: safehold up --only clock."""
    from infra.cli.stopping import until_told
    from infra.local.clock import READY_LINE
    from infra.settings import load_settings
    from ingestion.landing.clock import run_clock

    run_clock(load_settings(), until_told(), lambda: typer.echo(READY_LINE))
