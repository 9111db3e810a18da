"""Inspections between the tiers: plan, dispatch, review, find, order, extend, re-inspect; what is overdue; duty log."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from infra.casework.books import Desk

By = Annotated[str, typer.Option("--by", help="Pseudonym of the officer who answers for it.")]
Why = Annotated[str, typer.Option("--why", help="Why; goes into the audit log; nothing about a person.")]
Scope = Annotated[str, typer.Option("--scope", help="Administrative unit, e.g. 33 or 3301; 00 is the ministry.")]
KINDS = ("video", "on_site", "double_random")


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Inspections: plan, dispatch, review, find, order, re-inspect.")
    for command in (plan, dispatch, review, find, order, extend, reinspect, overdue):
        group.command()(command)
    group.command("duty-log")(duty_log)
    app.add_typer(group, name="inspect")


def _desk(by: str, why: str) -> Desk:
    from datetime import UTC, datetime

    from infra.casework.books import Desk
    from infra.settings import load_settings

    return Desk(load_settings(), by, why, datetime.now(UTC))


def _day(text: str | None, option: str) -> date | None:
    from infra.settings import UserError

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"not a date: {text!r}", where=option, do="write it as 2026-12-31") from error


def plan(
    scope: Scope,
    week: Annotated[str, typer.Option("--week", help="ISO week, e.g. 2026-W48.")],
    seed: Annotated[int, typer.Option("--seed", help="Seed of the draw; kept in the plan's id.")],
    by: By,
    kind: Annotated[str, typer.Option("--kind", help="video, on_site or double_random.")] = "video",
    most: Annotated[int | None, typer.Option("--most", min=0, help="No more than this, beside what must be.")] = None,
    why: Why = "plan of the week",
) -> None:
    """Plan a unit's inspections of a week: by cycle, by risk and by chance, each with its reason."""
    from infra.casework.planning import plan as make
    from infra.settings import UserError

    if kind not in KINDS:
        raise UserError(f"no kind {kind!r}", where="--kind", do=f"use one of: {', '.join(KINDS)}")
    made, name = make(_desk(by, why), scope, kind, week, seed, most)  # type: ignore[arg-type]
    typer.echo(f"{name}: {len(made.choices)} inspections")
    for choice in made.choices:
        typer.echo(
            f"  {choice.facility} {choice.inspector:12} {choice.basis:6} {choice.reason_zh} / {choice.reason_en}"
        )
    for facility, zh, en in made.uncovered:
        typer.echo(f"  {facility} NOT IN TIME: {zh} / {en}")


def dispatch(
    inspection: Annotated[str, typer.Argument(help="Id of a planned inspection.")],
    by: By,
    inspector: Annotated[str, typer.Option("--inspector", help="Another one than the planned.")] = "",
    why: Why = "dispatch",
) -> None:
    """Hand an inspection to its inspector, or to another one without a conflict."""
    from infra.casework.planning import dispatch as hand

    given = hand(_desk(by, why), inspection, inspector)
    typer.echo(f"{inspection}: dispatched to {given.inspector} on {given.dispatched}")


def review(
    inspection: Annotated[str, typer.Argument(help="Id of the inspection.")],
    by: By,
    minutes: Annotated[int, typer.Option("--minutes", min=0, help="Minutes of video reviewed now.")] = 0,
    done: Annotated[bool, typer.Option("--done", help="Close it; the required minutes must be reviewed.")] = False,
    why: Why = "review",
) -> None:
    """Add reviewed minutes of video; close the inspection when all that are required are."""
    from infra.casework.findings import review as look

    after = look(_desk(by, why), inspection, minutes, done)
    typer.echo(f"{inspection}: {after.reviewed_minutes} of {after.required_minutes} min reviewed, {after.outcome}")


def find(
    inspection: Annotated[str, typer.Argument(help="Id of the inspection.")],
    category: Annotated[
        str, typer.Option("--category", help="duty, cell, perimeter, medical, equipment, records or rights.")
    ],
    severity: Annotated[str, typer.Option("--severity", help="minor, serious or major.")],
    by: By,
    evidence: Annotated[
        list[str] | None, typer.Option("--evidence", help="KIND:ID, KIND recording, photo, document or alert.")
    ] = None,
    why: Why = "finding",
) -> None:
    """Enter a weakness with what it rests on."""
    from infra.casework.findings import find as enter

    finding, recurs = enter(_desk(by, why), inspection, category, severity, evidence or [])
    again = "; it recurs: its order will be listed" if recurs else ""
    typer.echo(f"{finding.finding}: {finding.severity} {finding.category} at {finding.facility}{again}")


def order(
    finding: Annotated[str, typer.Argument(help="Id of the finding.")],
    by: By,
    due: Annotated[str | None, typer.Option(metavar="DATE", help="Deadline; else what the policy allows.")] = None,
    listed: Annotated[bool, typer.Option("--listed", help="List it (挂牌督办) whatever the severity.")] = False,
    why: Why = "order",
) -> None:
    """Order a weakness to be put right."""
    from infra.casework.findings import order as give

    made = give(_desk(by, why), finding, _day(due, "--due"), listed)
    typer.echo(f"{made.rectification}: due {made.due}{', listed' if made.listed else ''}")


def extend(
    rectification: Annotated[str, typer.Argument(help="Id of the order.")],
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The later deadline.")],
    by: By,
    why: Why,
) -> None:
    """Grant a later deadline; whether it was closed on time is still judged by the first."""
    from infra.casework.findings import extend as grant

    day = _day(until, "--until")
    assert day is not None
    typer.echo(f"{rectification}: extended to {grant(_desk(by, why), rectification, day).extended_to}")


def reinspect(
    rectification: Annotated[str, typer.Argument(help="Id of the order.")],
    scope: Scope,
    by: By,
    rejected: Annotated[bool, typer.Option("--rejected", help="The weakness is still there.")] = False,
    why: Why = "re-inspection",
) -> None:
    """Look whether a weakness was put right; if so the order is closed."""
    from infra.casework.findings import reinspect as look

    looked, after = look(_desk(by, why), rectification, scope, "rejected" if rejected else "accepted")
    state = f"closed on {after.closed}" if after.closed else f"open, due {after.extended_to or after.due}"
    typer.echo(f"{looked.reinspection}: {looked.result}; the order is {state}")


def overdue(scope: Scope, by: By, why: Why = "overdue orders") -> None:
    """Orders of a unit and all below it that are open after their deadline; listed ones first."""
    from infra.casework.findings import overdue as late

    found = late(_desk(by, why), scope)
    typer.echo(f"{len(found)} orders overdue in {scope}, {sum(one.order.listed for one in found)} of them listed")
    for one in found:
        mark = "listed" if one.order.listed else ""
        typer.echo(f"  {one.order.rectification} at {one.order.facility}: {one.order.category} {mark}, {one.days} days")


def duty_log(
    scope: Scope,
    by: By,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Write a line: take_over, hand_over, video_check, call, alert, ...")
    ] = None,
    facility: Annotated[str | None, typer.Option("--facility", help="Facility concerned.")] = None,
    reference: Annotated[str | None, typer.Option("--reference", help="Id of an alert, case or inspection.")] = None,
    day: Annotated[str | None, typer.Option("--day", metavar="DATE", help="Day to show; else today.")] = None,
    why: Why = "duty log",
) -> None:
    """Write a line of a unit's 24-hour duty log, or show a day of it with its holes."""
    from infra.casework.books import DAYS
    from infra.casework.duty_log import day_of, write

    desk = _desk(by, why)
    if kind is not None:
        line = write(desk, scope, kind, facility, reference)
        typer.echo(f"{line.entry}: {line.kind} at {line.at.astimezone(DAYS):%H:%M}")
        return
    shown = _day(day, "--day") or desk.today
    lines, holes = day_of(desk, scope, shown)
    typer.echo(f"{scope} on {shown}: {len(lines)} lines, {len(holes)} holes")
    for line in lines:
        about = " ".join(text for text in (line.facility, line.reference) if text)
        typer.echo(f"  {line.at.astimezone(DAYS):%H:%M} {line.officer} {line.kind} {about}".rstrip())
    for begin, end in holes:
        typer.echo(f"  HOLE {begin.astimezone(DAYS):%H:%M} to {end.astimezone(DAYS):%H:%M}")
