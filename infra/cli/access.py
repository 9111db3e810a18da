"""Who may see what on the dashboards: apply, show, check."""

from __future__ import annotations

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Access to the dashboards: who sees what.")
    group.command()(apply)
    group.command()(show)
    group.command()(check)
    app.add_typer(group, name="access")


def apply() -> None:
    """Bring roles, row security and users of the running Superset in line with the access table."""
    from infra.local.dashboards import apply_access_here
    from infra.local.superset import logins_file
    from infra.settings import load_settings

    settings = load_settings()
    mended = apply_access_here(settings)
    for difference in mended:
        typer.echo(f"  mended {difference}")
    typer.echo(f"{len(mended)} changes" if mended else "nothing to change")
    if any(d.kind == "user" and d.what == "is missing" for d in mended):
        typer.echo(f"first passwords of new users are in {logins_file(settings)}")


def show(user: Annotated[str | None, typer.Argument(help="One user; all if not given.")] = None) -> None:
    """Who sees what: state, dashboards and unit of every user in the access table. Superset need not run."""
    from infra.local.dashboards import seats_here
    from infra.settings import UserError, load_settings

    settings = load_settings()
    found = [seat for seat in seats_here(settings) if user in (None, seat.user)]
    if not found:
        raise UserError(f"there is no user {user!r}", where=str(settings.access), do="see: safehold access show")
    for seat in found:
        rows = "no row"
        if seat.unit is not None:
            unit = seat.unit
            rows = f"{unit.tier} {unit.code} {unit.zh} / {unit.en}, facilities: {seat.facilities}"
        elif seat.scope:
            rows = f"no row: this instance has no unit {seat.scope}"
        audiences = ", ".join(seat.audiences) or "no dashboard"
        typer.echo(f"{seat.user:<16} {seat.state:<24} {audiences:<28} {rows}")


def check() -> None:
    """Compare the running Superset with the code and tell every difference; fails if there is one."""
    from infra.local.dashboards import check_access_here
    from infra.settings import SafeholdError, load_settings

    settings = load_settings()
    found = check_access_here(settings)
    if found:
        lines = "\n".join(f"  {difference}\n    do: {difference.do}" for difference in found)
        raise SafeholdError(f"access differs from the code in {len(found)} things:\n{lines}", where=str(settings.home))
    typer.echo("access is as the code says")
