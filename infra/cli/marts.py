"""Building and publishing the marts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import typer

from infra.settings import SafeholdError, UserError, load_settings


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"not a date: {text!r}", where="--as-known-on", do="write it as 2026-03-31") from error


def build(
    as_known_on: Annotated[
        str | None, typer.Option(metavar="DATE", help="Figures as known at the end of this day (UTC).")
    ] = None,
    target: Annotated[
        Literal["embedded", "cluster"] | None,
        typer.Option(help="embedded: DuckDB; cluster: Spark. Default: as the profile says."),
    ] = None,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Renew only what the rows since the build before touch.")
    ] = False,
    publication_profile: Annotated[
        str, typer.Option(metavar="NAME", help="How the metrics are made: default, bjs, moj, aic.")
    ] = "default",
) -> None:
    """Build the marts from the lake and run their checks."""
    from batch_jobs.marts.build import build_marts
    from infra import derived_registers
    from quality.gate import mark_stale

    settings = load_settings()
    day = _day(as_known_on)
    engine = target or settings.profile
    known = f", as known on {day}" if day else ""
    print(f"marts: {sum(derived_registers.keep(settings).values())} new rows in registers of what was seen", flush=True)
    print(f"marts: building from {settings.lake} on the {engine} engine{known}", flush=True)
    try:
        done = build_marts(
            settings,
            as_known_on=day,
            target=engine,
            incremental=incremental,
            publication_profile=publication_profile,
            say=lambda text: print(text, flush=True),
        )
    except UserError:
        raise
    except SafeholdError:
        mark_stale(settings, failed_checks=None)
        raise
    kind = "incremental" if done.incremental else "full"
    print(f"marts: {kind} build, {done.models} models and {done.checks} checks in {done.seconds:.1f} s")


def publish(
    revision: Annotated[
        str | None,
        typer.Option(help="Why published figures change at large; shown on the dashboards. Names nobody."),
    ] = None,
) -> None:
    """Put the built marts before the gate and publish them if they pass."""
    from quality.gate import publish as publish_marts

    settings = load_settings()
    result = publish_marts(settings, revision)
    print(f"gate: {len(result.checks)} checks passed in {result.seconds:.1f} s; published {settings.published_db}")


def seeds(
    check: Annotated[bool, typer.Option("--check", help="Only say which are not current; exit 1 if any.")] = False,
) -> None:
    """Write the generated seeds: exact Poisson limits, titles of the rules and of the metrics."""
    from batch_jobs.marts.build import PROJECT
    from batch_jobs.marts.seeds import stale_seeds, write_seeds

    folder = PROJECT / "seeds"
    if not check:
        names = write_seeds(folder)
        print("seeds: wrote " + ", ".join(names) if names else "seeds: all current")
        return
    if stale := stale_seeds(folder):
        raise SafeholdError(f"not current: {', '.join(stale)}", where=str(folder), do="run `safehold marts seeds`")
    print("seeds: all current")


def pages(
    check: Annotated[bool, typer.Option("--check", help="Only say which are not current; exit 1 if any.")] = False,
) -> None:
    """Write the pages of the metrics and dbt's exposures of the dashboards."""
    from batch_jobs.marts.build import PROJECT
    from batch_jobs.marts.pages import stale, write

    if not check:
        names = write(PROJECT.parent)
        print("pages: wrote " + ", ".join(names) if names else "pages: all current")
        return
    if wrong := stale(PROJECT.parent):
        raise SafeholdError("pages are not current", where=", ".join(wrong), do="run `safehold marts pages`")
    print("pages: all current")


def add_to(app: typer.Typer) -> None:
    """Add this group's commands; `safehold build` is short for `safehold marts build`."""
    group = typer.Typer(no_args_is_help=True, help="Building and publishing the marts.")
    group.command()(build)
    group.command()(publish)
    group.command()(seeds)
    group.command()(pages)
    app.add_typer(group, name="marts")
    app.command("build")(build)
