"""Running the stream job."""

from __future__ import annotations

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("run")(run)


def run(
    until_drained: Annotated[
        bool, typer.Option("--until-drained", help="Stop when all that the topic holds is in the lake.")
    ] = False,
) -> None:
    """Run the stream job: events to alerts and risk, from where it left off."""
    import time

    from infra.settings import load_settings
    from streaming_jobs.jobs.progress import Progress
    from streaming_jobs.jobs.run import run_stream

    began = time.monotonic()

    def report(now: Progress) -> None:
        typer.echo(f"{time.monotonic() - began:6.1f} s  posted {now.posted}  bronze {now.bronze}  folded {now.folded}")

    end = run_stream(load_settings(), until_drained=until_drained, report=report)
    typer.echo(f"stopped; {end.folded} of {end.posted} records folded")
