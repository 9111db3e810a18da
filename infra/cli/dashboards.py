"""Superset: deploy, checks, pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.local.dashboards import DeployedHere


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Dashboards: check, deploy to Superset, go back, take pictures.")
    group.command()(check)
    group.command()(deploy)
    group.command()(rollback)
    group.command()(pictures)
    app.add_typer(group, name="dashboards")


def check() -> None:
    """Check offline that charts, filters and access fit the publication models, in both languages."""
    from dashboards.check import check_all

    checked = check_all()
    typer.echo(f"{checked.charts} charts on {checked.dashboards} dashboards, {checked.datasets} datasets: all fit")


def deploy() -> None:
    """Bring the running Superset in line with the code: datasets, charts, dashboards, roles, row security, users."""
    from infra.local.dashboards import deploy_dashboards
    from infra.settings import load_settings

    _tell(deploy_dashboards(load_settings()))


def rollback() -> None:
    """Bring back the dashboards that were deployed before the current ones; access stays that of today."""
    from infra.local.dashboards import roll_back_dashboards
    from infra.settings import load_settings

    entry, deployed = roll_back_dashboards(load_settings())
    typer.echo(f"back at deploy {entry.number} of {entry.at}")
    _tell(deployed)


def _tell(deployed: DeployedHere) -> None:
    done = deployed.done
    typer.echo(
        f"{len(done.dashboards)} dashboards, {len(done.datasets)} datasets; every dataset has row security"
        + ("; nothing to change" if done.changes_nothing else "")
    )
    for slug, address in deployed.addresses.items():
        typer.echo(f"  {slug:<16} {address}")
    for name in done.removed:
        typer.echo(f"  removed, it left the code: {name}")
    for name in done.kept:
        typer.echo(f"  left the code, stays because somebody's own object uses it: {name}")
    for edit in done.edits:
        typer.echo(f"  somebody changed what ships, the code's is back: {edit}")
    if done.copy is not None:
        typer.echo(f"  the changed ones are kept in {done.copy}; import it in Superset to have them beside the shipped")
    if changes := len(done.access) - len(done.users_made):
        typer.echo(f"  {changes} roles, rules and users brought in line")
    if deployed.lacking:
        typer.echo(f"  the published file lacks {', '.join(deployed.lacking)}; build and publish the marts anew")
    for user in done.users_made:
        typer.echo(f"  new user {user}; its first password is in {deployed.logins}")


def pictures(
    out: Annotated[Path, typer.Option(help="Folder for the PNG files.")] = Path("out/pictures"),
    language: Annotated[list[str] | None, typer.Option(help="zh or en; both if not given.")] = None,
    audience: Annotated[list[str] | None, typer.Option(help="Whose dashboard; all if not given.")] = None,
) -> None:
    """Take a picture of every dashboard as its own audience sees it; fails if a chart shows an error."""
    from infra.local.dashboards import take_pictures
    from infra.settings import load_settings

    for taken in take_pictures(load_settings(), out, language or ["zh", "en"], audience or []):
        typer.echo(f"{taken.path}  {taken.charts} charts  {taken.seconds:.1f} s")
