"""Rules: checking and testing their files; changing and watching those that run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from infra.cli import rule_changes, rule_views


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Rules: check, test and explain their files; deploy, switch, watch and backtest them.",
    )
    group.command("check")(check)
    group.command("test")(run_cases)
    group.command("explain")(explain)
    group.command("reference")(reference)
    rule_changes.add_to(group)
    rule_views.add_to(group)
    app.add_typer(group, name="rules")


Folder = Annotated[Path | None, typer.Option("--rules", help="Folder of rule files; the platform's own by default.")]


def check(rules: Folder = None) -> None:
    """Read every rule file and its cases; the first fault is shown with file and line."""
    from streaming_jobs.catalogue import RULES_DIR, load_catalogue

    catalogue = load_catalogue(rules or RULES_DIR)
    typer.echo(f"{len(catalogue.rules)} rules, catalogue {catalogue.version}")


def run_cases(rules: Folder = None) -> None:
    """Run the cases of all rules."""
    from infra.settings import UserError
    from streaming_jobs.catalogue import RULES_DIR
    from streaming_jobs.kernel.cases import failing_cases

    count, failures = failing_cases(rules or RULES_DIR)
    for failure in failures:
        typer.echo(failure)
    if failures:
        raise UserError(f"{len(failures)} of {count} cases fail", where=str(rules or RULES_DIR), do="see above")
    typer.echo(f"{count} cases pass")


def explain(rule: Annotated[str, typer.Argument(help="Rule id, e.g. int-01.")]) -> None:
    """Say in words what a rule asks, with its thresholds and their sources."""
    from streaming_jobs.catalogue import load_catalogue
    from streaming_jobs.catalogue.words import in_words

    typer.echo(in_words(load_catalogue()[rule]))


def reference(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 and name the pages that are stale.")
    ] = False,
) -> None:
    """Write the reference pages of all rules, docs/reference/rules/."""
    from infra.settings import SafeholdError, stale_files, write_files
    from infra.settings.model import ROOT
    from streaming_jobs.catalogue.reference import FOLDER, pages

    wanted = pages()
    if not check:
        touched = write_files(ROOT, wanted, FOLDER)
        typer.echo(f"{len(touched)} of {len(wanted)} pages written")
    elif wrong := stale_files(ROOT, wanted, FOLDER):
        raise SafeholdError("pages are not current", where=", ".join(wrong), do="run `safehold rules reference`")
    else:
        typer.echo(f"all {len(wanted)} pages are current")
