"""Appointments of visits: request, cancel, the gate's word, what stands, measures against an epidemic, a round."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from infra.appointments.book import Book
    from infra.appointments.words import Input, Outcome

FORMATS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"]
Facility = Annotated[str, typer.Option("--facility", help="Id of the facility.")]
Id = Annotated[str, typer.Argument(help="Id of the appointment.")]
By = Annotated[str, typer.Option("--by", help="Pseudonym of the officer who answers for it.")]
Why = Annotated[str, typer.Option("--why", help="Why; goes into the audit log; nothing about a person.")]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Visits: request, cancel, gate, list, measures, round.")
    for command in (request, cancel, gate, measure):
        group.command()(command)
    group.command("list")(listed)
    group.command("round")(go_round)
    app.add_typer(group, name="visits")


def _now() -> int:
    return time.time_ns() // 1_000_000


def _book() -> Book:
    from infra.appointments.book import Book
    from infra.settings import load_settings

    return Book(load_settings(), _now)


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def _pseudonym(text: str, option: str) -> str:
    import re

    from infra.appointments.words import PSEUDONYM
    from infra.settings import UserError

    if not re.match(PSEUDONYM, text):
        raise UserError(f"{text!r} is no pseudonym", where=option, do="letters, digits and _.:/#- only, at most 64")
    return text


def _span(text: str) -> tuple[int, int]:
    from infra.settings import UserError

    try:
        begin, end = (datetime.fromisoformat(part) for part in text.split("/"))
        if begin.utcoffset() is None or end.utcoffset() is None:
            raise ValueError("no time zone")
    except ValueError as error:
        raise UserError(
            f"no times: {text!r}", where="--between", do="e.g. 2026-11-26T09:00+08:00/2026-11-26T11:00+08:00"
        ) from error
    return int(begin.timestamp() * 1000), int(end.timestamp() * 1000)


def _told(mark: str, reason: dict[str, str] | None) -> str:
    """A reason in both languages, with what to do; '' for none."""
    if reason is None:
        return ""
    return f"{mark} {reason['zh']} / {reason['en']}; {reason['do_zh']} / {reason['do_en']}"


def _enter(facility: str, said: Input, name: str, what: str, by: str, why: str) -> None:
    """Hear what is new, take an input in, land what was decided, and say it."""
    from infra.appointments.book import shown
    from infra.appointments.notices import worded
    from infra.appointments.reasons import reasons
    from infra.settings import UserError

    book = _book()
    book.plan(facility)
    book.hear()
    out: Outcome = book.enter(facility, f"{what} {name} {by} {_now()}", said, by, f"visits {what}", name, why)
    if out.refused:
        words = reasons()[out.refused]
        raise UserError(f"{words.zh} / {words.en}", where=name, do=f"{words.do_zh} / {words.do_en}")
    state, plan = book.state(facility), book.plan(facility)
    for step in out.steps:
        row = shown(facility, plan, step.appointment, state.appointments[step.appointment])
        at = f" {row['room']} {row['local']}" if step.place and step.did in ("confirmed", "moved") else ""
        told = _told(":", worded(step.reason))
        typer.echo(f"{step.appointment}: {step.did}{at}{told}")
    if waiting := book.land():
        typer.echo(f"{waiting} events wait for the broker; they are landed by the next command")


def request(
    facility: Facility,
    kind: Annotated[str, typer.Option("--kind", help="lawyer, family or consular.")],
    subject: Annotated[str, typer.Option("--subject", help="Pseudonym of who is to be visited.")],
    visitor: Annotated[str, typer.Option("--visitor", help="Pseudonym of who visits.")],
    by: By,
    visitors: Annotated[int, typer.Option("--visitors", min=1, max=20, help="How many come.")] = 1,
    between: Annotated[
        list[str] | None, typer.Option("--between", metavar="BEGIN/END", help="Wanted time; may be repeated.")
    ] = None,
    screen: Annotated[bool, typer.Option("--screen/--no-screen", help="A meeting by screen would do.")] = True,
    why: Why = "visit requested",
) -> None:
    """Ask for a visit: it gets a room and a time, or the reason why not and what to do."""
    from typing import get_args

    from infra.appointments.words import Kind, Request
    from infra.settings import UserError
    from ingestion.contracts import content_id

    if kind not in get_args(Kind):
        raise UserError(f"no kind {kind!r}", where="--kind", do=f"use one of: {', '.join(get_args(Kind))}")
    who, visits = _pseudonym(subject, "--subject"), _pseudonym(visitor, "--visitor")
    name = content_id(facility, who, visits, _now())[:16]
    said = Request(name, kind, who, visits, visitors, tuple(_span(text) for text in between or []), screen)  # type: ignore[arg-type]
    _enter(facility, said, name, "request", by, why)


def cancel(
    appointment: Id,
    facility: Facility,
    reason: Annotated[str, typer.Option("--reason", help="visitor_withdrew, person_declined or entered_by_mistake.")],
    by: By,
    why: Why = "visit cancelled",
) -> None:
    """Call an appointment off."""
    from typing import get_args, get_type_hints

    from infra.appointments.words import Cancel
    from infra.settings import UserError

    known = get_args(get_type_hints(Cancel)["reason"])
    if reason not in known:
        raise UserError(f"no reason {reason!r}", where="--reason", do=f"use one of: {', '.join(known)}")
    _enter(facility, Cancel(appointment, reason), appointment, "cancel", by, why)  # type: ignore[arg-type]


def gate(
    appointment: Id,
    action: Annotated[str, typer.Argument(help="open (let in), close (let out) or no_show.")],
    facility: Facility,
    by: By,
    why: Why = "gate",
) -> None:
    """The gate's word: the visitor was let in, let out, or did not come."""
    from infra.appointments.words import Gate
    from infra.settings import UserError

    if action not in ("open", "close", "no_show"):
        raise UserError(f"no action {action!r}", where="ACTION", do="use one of: open, close, no_show")
    _enter(facility, Gate(appointment, action, _now()), appointment, f"gate {action}", by, why)  # type: ignore[arg-type]


def listed(
    facility: Facility,
    by: By,
    escalated: Annotated[bool, typer.Option("--escalated", help="Only those for which somebody must act.")] = False,
    why: Why = "list of visits",
) -> None:
    """Appointments that are not over: those that need somebody first, then by time."""
    from infra.custody.audit import note
    from infra.settings import load_settings

    book = _book()
    book.plan(facility)
    book.round()
    note(load_settings(), by, "visits list", facility, why)
    rows = [row for row in book.shown(facility) if row["escalated"] or not escalated]
    typer.echo(f"{facility}: {len(rows)} appointments, {sum(row['escalated'] for row in rows)} escalated")
    for row in rows:
        told = _told("", row["reason"])
        where = f"{row['local']} {row['room']}" if row["room"] else "NO ROOM"
        mark = " ESCALATED" if row["escalated"] else ""
        typer.echo(
            f"  {row['appointment']} {row['kind']:8} {row['subject']} {where} {row['status']}{mark}{told}".rstrip()
        )


def measure(
    name: Annotated[str, typer.Argument(help="Id of the measure.")],
    facility: Facility,
    kind: Annotated[str, typer.Option("--kind", help="quarantine, fever_cluster or visit_stop.")],
    by: By,
    block: Annotated[str, typer.Option("--block", help="Block; without it and --subject the whole facility.")] = "",
    subject: Annotated[str | None, typer.Option("--subject", help="Pseudonym, for one person only.")] = None,
    begins: Annotated[datetime | None, typer.Option("--begins", formats=FORMATS, help="Else at once.")] = None,
    ends: Annotated[datetime | None, typer.Option("--ends", formats=FORMATS, help="Else until it is lifted.")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="It ends now.")] = False,
    why: Why = "measure against an epidemic",
) -> None:
    """Impose or lift a measure: rules follow it at once, appointments when the lake has received it.

    Of a facility or a block it is entered in the register as well, from which figures are made; of one person never.
    """
    from infra.casework.books import Desk
    from infra.casework.measures import enter_measure
    from infra.custody.post import event_of, post
    from infra.settings import load_settings
    from ingestion.contracts import EpidemicMeasure

    settings, device, action = load_settings(), "measures-desk", "lift" if lift else "impose"
    fields: dict[str, Any] = {
        "facility": facility, "event_time": _now(), "device": device, "measure": name, "kind": kind,
        "action": action, "block": block, "subject": subject, "starts_at": _ms(begins), "ends_at": _ms(ends), "by": by,
    }  # fmt: skip
    event = event_of(EpidemicMeasure, fields)
    post(settings, event, by, f"measure {action}", f"{name} at {facility}", why)
    enter_measure(Desk(settings, by, why, datetime.fromtimestamp(event.event_time / 1000, UTC), device), event)
    typer.echo(f"{name}: {kind} {action} posted")


def go_round() -> None:
    """Hear what the lake received, let time pass at every desk, land what was decided. To be run every minute."""
    book = _book()
    heard, waiting = book.round()
    typer.echo(f"{heard} news heard, {len(book.facilities())} desks, {waiting} events wait")
