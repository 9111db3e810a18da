"""Looking at the platform itself while it runs."""

from __future__ import annotations

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(observe)


def observe(
    once: Annotated[bool, typer.Option("--once", help="One look at the job and at the lake's tables.")] = False,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks at the job.")] = 60.0,
) -> None:
    """Keep samples of the stream job and of the lake's tables. In the background: safehold up --only observe."""
    import time

    from infra.cli.stopping import until_told
    from infra.observation.observe import Observer, follow, in_words
    from infra.settings import load_settings

    settings = load_settings()
    if once:
        observer, now = Observer(settings), int(time.time() * 1000)
        try:
            typer.echo(in_words(observer.job(now)))
            typer.echo(f"{observer.tables(now)} tables of the lake looked at")
        finally:
            observer.close()
        return
    follow(settings, every, until_told(), typer.echo)
