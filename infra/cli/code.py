"""The custody code of a stay: shown, entered, confirmed, appealed, decided, sealed for a court and verified."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from infra.settings import Settings
    from ingestion.contracts import Event

FORMATS = ["%Y-%m-%dT%H:%M:%S%z"]
Stay = Annotated[str, typer.Argument(help="Id of the stay.")]
At = Annotated[
    datetime | None, typer.Option("--at", formats=FORMATS, help="Moment asked for, e.g. 2026-11-23T21:05:00+08:00.")
]
Known = Annotated[datetime | None, typer.Option("--known-on", formats=FORMATS, help="As it was known then; else now.")]
By = Annotated[str, typer.Option("--by", help="Pseudonym of the officer who answers for it.")]
Why = Annotated[str, typer.Option("--why", help="Why; goes into the audit log; nothing about a person.")]
Timeout = Annotated[float, typer.Option("--timeout", min=0, help="Seconds to wait until the job has taken it in.")]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Custody code: ledger, level, appeals, signed extract.")
    for command in (show, propose, confirm, appeal, extract, verify):
        group.command()(command)
    group.command("set")(set_level)
    group.command("review")(review)
    app.add_typer(group, name="code")


def _ms(moment: datetime | None) -> int:
    from infra.custody.read import FOREVER

    return FOREVER if moment is None else int(moment.timestamp() * 1000)


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone().isoformat(timespec="minutes")


def _periods(settings: Settings, stay: str, at: datetime | None, known_on: datetime | None) -> list[dict[str, Any]]:
    from infra.custody.read import code_periods
    from infra.settings import UserError

    periods = code_periods(settings, stay, _ms(at), _ms(known_on))
    if not periods:
        raise UserError(f"nothing of {stay} was known then", where="--at, --known-on", do="give a later moment")
    return periods


def show(stay: Stay, by: By, why: Why = "safehold code show", at: At = None, known_on: Known = None) -> None:
    """The code of a stay: level, proposal, points, review, entries with their state; as known now or on a day."""
    import json

    from infra.custody.audit import note
    from infra.settings import load_settings

    settings = load_settings()
    note(settings, by, "code show", stay, why)
    periods = _periods(settings, stay, at, known_on)
    last = periods[-1]
    typer.echo(f"{stay}, {last['subject']} at {last['facility']}: {last['level']}, since {_day(last['at'])}")
    waits = " (waits for a named officer)" if last["proposed"] == "red" != last["level"] else ""
    typer.echo(f"  the ledger proposes {last['proposed']}{waits}: {last['points']:g} points, {last['rules']}")
    late = "OVERDUE, was due" if last["overdue"] else "due"
    typer.echo(f"  review {late} {_day(last['review_due'])}; without one it expires {_day(last['expires'])}")
    for entry in json.loads(last["entries"]):
        appealed = "" if entry["appeal"] == "none" else f", appeal: {entry['appeal']}"
        who = entry["by"] or "proposed by the platform"
        typer.echo(
            f"  {entry['entry']:16} {entry['points']:+5g} {entry['en']} / {entry['zh']}, {_day(entry['happened'])}: "
            f"{entry['state']}{appealed} ({entry['origin']} {entry['reference'][:16]}, {who})"
        )
    for row in periods:
        who = f" by {row['by']}" if row["by"] else ""
        ground = f" ({row['ground']})" if row["ground"] else ""
        typer.echo(f"  {_day(row['at'])} {row['level']}{who}{ground}")


def propose(
    stay: Stay,
    rule: Annotated[str, typer.Option("--rule", help="Rule of the code, e.g. programme_completed.")],
    reference: Annotated[str, typer.Option("--reference", help="Id of the incident or report it rests on.")],
    happened: Annotated[datetime, typer.Option("--happened", formats=FORMATS, help="When it happened.")],
    by: By,
    origin: Annotated[str, typer.Option(help="incident, officer_report, medical_report, programme or alert.")] = (
        "officer_report"
    ),
    why: Why = "safehold code propose",
    timeout: Timeout = 30.0,
) -> None:
    """Enter a merit or demerit. Its points may propose another level; red waits for `safehold code confirm`."""
    from infra.settings import UserError
    from streaming_jobs.catalogue import load_code_rules

    rules = load_code_rules()
    if rules.rule(rule) is None:
        known = ", ".join(one.rule for one in rules.rules)
        raise UserError(f"{rules.name} has no rule {rule!r}", where="--rule", do=f"use one of: {known}")
    fields = {"rule": rule, "origin": origin, "reference": reference, "happened_at": int(happened.timestamp() * 1000)}
    _act("CodeEntry", "entry", stay, by, why, timeout, action="enter", **fields)


def confirm(
    stay: Stay,
    by: By,
    entry: Annotated[str, typer.Option("--entry", help="Proposed entry to confirm; else the proposed level.")] = "",
    reject: Annotated[bool, typer.Option("--reject", help="The entry is not to count.")] = False,
    why: Why = "safehold code confirm",
    timeout: Timeout = 30.0,
) -> None:
    """Confirm what the platform proposes: an entry, or the level that the ledger proposes, red included."""
    import json

    from infra.settings import UserError, load_settings

    last = _periods(load_settings(), stay, None, None)[-1]
    if not entry:
        level = last["proposed"]
        _act("CodeDecision", "decision", stay, by, why, timeout, action="confirm", level=level, ground="ledger")
        return
    found = next((e for e in json.loads(last["entries"]) if e["entry"] == entry), None)
    if found is None or found["state"] != "proposed":
        waiting = [e["entry"] for e in json.loads(last["entries"]) if e["state"] == "proposed"]
        raise UserError(
            f"no entry {entry!r} waits for an answer", where="--entry", do=f"those that do: {', '.join(waiting) or '-'}"
        )
    fields = {"rule": found["rule"], "origin": found["origin"], "reference": found["reference"]}
    _act(
        "CodeEntry", "entry", stay, by, why, timeout, entry, action="reject" if reject else "confirm",
        happened_at=found["happened"], **fields,
    )  # fmt: skip


def set_level(
    stay: Stay,
    level: Annotated[str, typer.Argument(help="green, yellow or red.")],
    ground: Annotated[str, typer.Option("--ground", help="Class of the reason, e.g. escape_risk or health.")],
    by: By,
    why: Why = "safehold code set",
    timeout: Timeout = 30.0,
) -> None:
    """Set a level by one's own decision, whatever the ledger proposes."""
    _act("CodeDecision", "decision", stay, by, why, timeout, action="set", level=level, ground=ground)


def review(stay: Stay, by: By, why: Why = "safehold code review", timeout: Timeout = 30.0) -> None:
    """Review a code and keep its level; its clock starts again."""
    from infra.settings import UserError, load_settings

    level = _periods(load_settings(), stay, None, None)[-1]["level"]
    if level == "expired":
        raise UserError(f"the code of {stay} has expired", where=stay, do="decide anew: safehold code confirm, or set")
    _act("CodeDecision", "decision", stay, by, why, timeout, action="review", level=level, ground="periodic_review")


def appeal(
    stay: Stay,
    entry: Annotated[str, typer.Argument(help="Entry appealed against.")],
    action: Annotated[str, typer.Argument(help="file, uphold, reject or withdraw.")],
    by: By,
    ground: Annotated[str, typer.Option("--ground", help="Class of the ground, e.g. not_me or provoked.")] = "other",
    why: Why = "safehold code appeal",
    timeout: Timeout = 30.0,
) -> None:
    """File or decide an appeal against an entry. One that is upheld takes the entry back from its beginning."""
    import json

    from infra.settings import UserError, load_settings

    entries = {e["entry"]: e for e in json.loads(_periods(load_settings(), stay, None, None)[-1]["entries"])}
    if entry not in entries:
        raise UserError(f"{stay} has no entry {entry!r}", where="ENTRY", do=f"use one of: {', '.join(entries) or '-'}")
    if action != "file" and entries[entry]["appeal"] != "file":
        raise UserError(f"no appeal against {entry} is open", where="ACTION", do="file one first")
    if action in ("uphold", "reject") and by == entries[entry]["by"]:
        raise UserError(f"{by} made the entry", where="--by", do="let another officer decide the appeal")
    _act("CodeAppeal", "appeal", stay, by, why, timeout, f"ap-{entry}"[:64], entry=entry, action=action, ground=ground)


def _act(
    contract: str, key: str, stay: str, by: str, why: str, timeout: float, name: str = "", /, **fields: Any
) -> None:
    """Post an act about a stay, and wait until the job has taken it in."""

    import ingestion.contracts as contracts
    from infra.custody.post import event_of, post, wait
    from infra.custody.read import code_rows
    from infra.deployment.change import is_running
    from infra.settings import SafeholdError, load_settings

    settings = load_settings()
    rows = code_rows(settings, stay)
    now = time.time_ns() // 1_000_000
    about = {"facility": rows[-1]["facility"], "subject": rows[-1]["subject"], "stay": stay, "by": by}
    name = name or contracts.content_id(contract, stay, by, now)[:16]
    model: type[Event] = getattr(contracts, contract)
    event = event_of(model, {**about, "event_time": now, "device": "code-desk", key: name, **fields})
    post(settings, event, by, f"code {key} {fields['action']}", stay, why)
    typer.echo(f"{stay}: {key} {name} {fields['action']} posted")
    if settings.profile == "embedded" and not is_running(settings):
        typer.echo("the stream job is not running: it takes effect when the job runs (safehold run)")
        return
    if not wait(lambda: len(code_rows(settings, stay)) > len(rows), timeout):
        raise SafeholdError(
            f"not yet taken in after {timeout:g} s", where=stay, do="see safehold code show later; nothing is lost"
        )
    last = _periods(settings, stay, None, None)[-1]
    typer.echo(f"  now {last['level']}, proposed {last['proposed']}, {last['points']:g} points")


def extract(
    stay: Stay,
    by: By,
    why: Why,
    at: At = None,
    known_on: Known = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; by default named after the stay.")] = None,
) -> None:
    """Write a signed extract of a stay's code for a court or a prison: entries, history, rules, check value."""
    from infra.custody.audit import note
    from infra.custody.keys import public_file, sealing_key
    from infra.settings import UserError, load_settings
    from streaming_jobs.catalogue import load_code_rules
    from streaming_jobs.custody_code.extract import Asked, body_of, seal

    settings, now = load_settings(), time.time_ns() // 1_000_000
    path = out or Path(f"{stay}.custody-code.txt")
    note(settings, by, "code extract", stay, why)
    periods = _periods(settings, stay, at, known_on)
    rules = load_code_rules()
    if periods[-1]["rules"] != rules.name:
        raise UserError(
            f"the code was made by {periods[-1]['rules']}, these are {rules.name}", where=stay, do="use that release"
        )
    asked = Asked(stay, min(_ms(at), now), min(_ms(known_on), now), by, why)
    data = seal(body_of(periods, rules, asked), sealing_key(settings))
    try:
        path.write_bytes(data)
        path.chmod(0o600)
    except OSError as error:
        raise UserError(f"cannot write: {error.strerror}", where=str(path), do="give --out") from error
    typer.echo(f"{path}: {periods[-1]['level']}, {len(data)} bytes; verify with {public_file(settings)}")


def verify(
    file: Annotated[Path, typer.Argument(help="An extract.")],
    key: Annotated[Path | None, typer.Option("--key", help="Public key of who sealed it; else the own.")] = None,
) -> None:
    """Whether an extract is what was sealed, byte for byte."""
    from infra.custody.keys import public_file, read_public
    from infra.settings import UserError, load_settings
    from streaming_jobs.custody_code.extract import NotGenuine
    from streaming_jobs.custody_code.extract import verify as check

    try:
        data = file.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read: {error.strerror}", where=str(file), do="give the path of an extract") from error
    public = read_public(key or public_file(load_settings()))
    try:
        body = check(data, public)
    except NotGenuine as error:
        raise UserError(f"NOT GENUINE: {error}", where=str(file), do="ask for a new one from who sealed it") from error
    typer.echo(
        f"genuine: {body['stay']} at {body['facility']}, {body['code']['level']}, {len(body['entries'])} entries"
    )
    typer.echo(f"  as of {_day(body['at'])}, as known on {_day(body['known_on'])}, extracted by {body['extracted_by']}")
