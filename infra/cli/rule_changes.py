"""Changing rules while the stream job runs: deploy, switch off and on, give back to the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from infra.deployment.change import Action
    from infra.deployment.standing import Standing
    from streaming_jobs.catalogue import Deployable

By = Annotated[str, typer.Option("--by", help="Pseudonym of who changes the rule; goes into the audit log.")]
Why = Annotated[str, typer.Option("--why", help="Why it is changed, at most 300 characters; nothing about a person.")]
Facilities = Annotated[
    list[str] | None, typer.Option("--facility", help="Only this facility; may be given again. All by default.")
]
Timeout = Annotated[float, typer.Option("--timeout", min=0, help="Seconds to wait until the change is in force.")]
RuleId = Annotated[str, typer.Argument(help="Rule id, e.g. int-01, or id of a scorecard.")]


def add_to(group: typer.Typer) -> None:
    """Add these commands to `safehold rules`."""
    for command in (deploy, disable, shadow, activate, withdraw):
        group.command()(command)


def deploy(
    file: Annotated[
        Path, typer.Argument(help="YAML file of a rule, its cases beside it, or of a scorecard (person-risk.yaml).")
    ],
    by: By,
    why: Why,
    mode: Annotated[str, typer.Option(help="shadow: recorded beside the version in force; active: in its place.")] = (
        "shadow"
    ),
    facility: Facilities = None,
    timeout: Timeout = 60.0,
) -> None:
    """Check a rule, run its cases, put it (or a scorecard) into the running job, and wait until it is in force."""
    from infra.deployment.standing import standings
    from infra.settings import UserError, load_settings
    from streaming_jobs.catalogue import definition_of

    if mode not in ("shadow", "active"):
        raise UserError(f"there is no mode {mode!r}", where="--mode", do="use shadow or active")
    rule = _checked(file)
    known = standings(load_settings())
    _refuse_used_version(rule, mode, known, file)
    chosen: Literal["active", "shadow"] = "active" if mode == "active" else "shadow"
    definition = definition_of(rule.model_copy(update={"mode": chosen}))
    _carry_out("deploy", rule.id, by, why, facility, timeout, known, definition=definition, mode=chosen)


def _checked(file: Path) -> Deployable:
    """The rule of a file, whose cases pass, or the scorecard, which has none.

    Raises:
        UserError: a fault in the file, or a case that fails.
    """
    from infra.settings import UserError
    from streaming_jobs.catalogue import load_rule, load_scorecard
    from streaming_jobs.kernel.cases import failures_of

    if file.stem.endswith("-risk"):
        return load_scorecard(file)
    rule = load_rule(file)
    count, failures = failures_of(rule, file.with_name(f"{rule.id}.cases.yaml"))
    if failures:
        shown = "\n".join(failures)
        raise UserError(
            f"{rule.id} is not deployed: {len(failures)} of its cases fail", where=str(file), do=f"see:\n{shown}"
        )
    typer.echo(f"{rule.id} v{rule.version}: {count} cases pass")
    return rule


def disable(rule: RuleId, by: By, why: Why, facility: Facilities = None, timeout: Timeout = 60.0) -> None:
    """Switch a rule off; its open alerts are cleared."""
    _switch("disable", rule, by, why, facility, timeout)


def shadow(rule: RuleId, by: By, why: Why, facility: Facilities = None, timeout: Timeout = 60.0) -> None:
    """Let a rule be recorded only, in its newest version."""
    _switch("shadow", rule, by, why, facility, timeout)


def activate(rule: RuleId, by: By, why: Why, facility: Facilities = None, timeout: Timeout = 60.0) -> None:
    """Put a rule in force, in its newest version: the one in shadow where there is one."""
    _switch("activate", rule, by, why, facility, timeout)


def withdraw(rule: RuleId, by: By, why: Why, facility: Facilities = None, timeout: Timeout = 60.0) -> None:
    """Undo all changes of a rule: the version of the catalogue's files is in force again."""
    _switch("withdraw", rule, by, why, facility, timeout)


def _switch(action: Action, rule: str, by: str, why: str, facility: list[str] | None, timeout: float) -> None:
    from infra.deployment.standing import standings
    from infra.settings import UserError, load_settings

    known = standings(load_settings())
    ids = sorted({one.rule for one in known})
    if rule not in ids:
        raise UserError(f"no rule {rule!r} runs anywhere", where="the facilities", do=f"use one of: {', '.join(ids)}")
    _carry_out(action, rule, by, why, facility, timeout, known)


def _refuse_used_version(rule: Deployable, mode: str, known: list[Standing], file: Path) -> None:
    """A version means one definition, and is deployed once.

    Raises:
        UserError: another definition has this version, a later one is in force, or it is so itself.
    """
    from infra.settings import UserError

    for one in known:
        if one.rule != rule.id or not one.definition:
            continue
        same = one.read().model_copy(update={"mode": rule.mode}) == rule
        if one.version == rule.version and not same:
            fault = f"facility {one.facility} has another rule under version {rule.version}"
        elif one.version > rule.version and one.mode == "active":
            fault = f"facility {one.facility} has version {one.version} in force"
        elif one.version == rule.version and mode == "shadow" and one.mode in ("active", "shadow"):
            fault = f"facility {one.facility} has this very rule already, {one.mode}"
        else:
            continue
        raise UserError(
            f"{rule.id} is not deployed: {fault}", where=f"{file}, version", do="give a changed rule a higher version"
        )


def _carry_out(
    action: Action,
    rule: str,
    by: str,
    why: str,
    facility: list[str] | None,
    timeout: float,
    known: list[Standing],
    *,
    definition: str = "",
    mode: Literal["active", "shadow"] = "shadow",
) -> None:
    from infra.cli.ingest import ended
    from infra.deployment.change import Wanted, is_running, post, wait
    from infra.deployment.standing import in_force
    from infra.settings import SafeholdError, UserError, load_settings

    settings = load_settings()
    everywhere = sorted({one.facility for one in known})
    unknown = sorted(set(facility or ()) - set(everywhere))
    if unknown:
        raise UserError(f"no facility {', '.join(unknown)}", where="--facility", do=f"use of: {', '.join(everywhere)}")
    for name, text, most in (("--by", by, 64), ("--why", why, 300)):
        if not 0 < len(text.strip()) <= most:
            raise UserError(f"give 1 to {most} characters", where=name, do="say who, and why; nothing about a person")
    chosen = tuple(sorted(set(facility or everywhere)))
    before = {name: one.definition for name, one in in_force(known, rule).items()}
    change, report = post(settings, Wanted(action, rule, by, why, chosen, before, definition, mode))
    typer.echo(f"change {change}: {action} {rule} posted to {len(chosen)} facilities")
    ended(report)
    if settings.profile == "embedded" and not is_running(settings):
        typer.echo("the stream job is not running: the change takes effect when it runs (safehold run)")
        return
    found, missing = wait(settings, change, chosen, timeout, typer.echo)
    refused = [one.facility for one in found if one.refused]
    if refused:
        raise UserError(f"refused at {', '.join(refused)}", where=f"change {change}", do="see the reasons above")
    failed = [one.facility for one in found if any(state == "failed" for _, state, _ in one.versions)]
    if failed:
        raise SafeholdError(
            f"{rule} cannot be used at {', '.join(failed)} and was set aside",
            where=f"change {change}",
            do="see the reasons above, and deploy a mended version",
        )
    if missing:
        raise SafeholdError(
            f"not yet seen in force at {', '.join(missing)} after {timeout:g} s",
            where=f"change {change}",
            do="see `safehold rules status` later; the change is in the stream and is not lost",
        )
    typer.echo(f"in force at {len(chosen)} facilities")
