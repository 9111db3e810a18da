"""Risk of persons and facilities: why a score is what it is, what was wrong, and which facility needs attention."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

FORMATS = ["%Y-%m-%dT%H:%M:%S%z"]
At = Annotated[
    datetime | None, typer.Option("--at", formats=FORMATS, help="Moment, e.g. 2026-11-23T21:05:00+08:00; else now.")
]
By = Annotated[str, typer.Option("--by", help="Pseudonym of who looks; goes into the audit log.")]
Why = Annotated[str, typer.Option("--why", help="Why; goes into the audit log; nothing about a person.")]


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Risk: explain a score, correct it, rank facilities.")
    for command in (explain, rank, correct, compare, fit):
        group.command()(command)
    app.add_typer(group, name="risk")


def _user() -> str:
    import getpass

    return getpass.getuser()


def _shown(ms: int, zone: datetime | None = None) -> str:
    from datetime import UTC
    from datetime import datetime as moment

    at = moment.fromtimestamp(ms / 1000, tz=UTC)
    return at.astimezone(None if zone is None else zone.tzinfo).isoformat(timespec="seconds")


def explain(
    person: Annotated[str, typer.Argument(help="Pseudonym of a person, or id of a facility.")],
    at: At = None,
    by: By = "",
    why: Why = "safehold risk explain",
    replay: Annotated[bool, typer.Option("--replay", help="Fold the records anew, and compare bit for bit.")] = False,
) -> None:
    """The score of a person at a moment: level, contributions, what changed since yesterday, zh and en."""
    import json

    from infra.custody.audit import note
    from infra.custody.read import scores
    from infra.settings import SafeholdError, UserError, load_settings
    from streaming_jobs.risk.words import LEVELS, points_of

    settings = load_settings()
    note(settings, by or _user(), "risk explain", person, why)
    until = int(at.timestamp() * 1000) if at is not None else 2**62
    rows = [row for row in scores(settings, person) if row["at"] <= until]
    if not rows:
        raise UserError(f"{person} had no score yet", where="--at", do="give a later moment")
    row = rows[-1]
    zh, en = LEVELS[row["level"]]
    typer.echo(f"{person} at {row['facility']}, scored {_shown(row['at'], at)} by {row['scorecard']}")
    typer.echo(f"  {points_of(row['score'])} points: {en} / {zh}")
    if until < 2**62 and row["expires"] <= until:
        typer.echo(f"  this score expired {_shown(row['expires'], at)}: it says nothing about {_shown(until, at)}")
    else:
        typer.echo(f"  valid until {_shown(row['expires'], at)}; advice only, nothing follows from it by itself")
    typer.echo(f"  {row['changed_en']}\n  {row['changed_zh']}")
    for part in sorted(json.loads(row["contributions"]), key=lambda p: -abs(p["points"])):
        since = "" if part["since"] is None else f"  since {_shown(part['since'], at)}"
        times = f"  {part['count']} times" if part["count"] > 1 else ""
        typer.echo(f"  {part['points']:>7.2f}  {part['en']} / {part['zh']} ({part['input']}){times}{since}")
    if row["unknown"]:
        typer.echo(f"  not known: {', '.join(row['unknown'])}")
    if replay:
        from infra.custody.replay import replayed_scores

        again = replayed_scores(settings, row["facility"], person, row["at"])
        if [r for r in again if r["mode"] == "active"] != rows:
            raise SafeholdError(
                f"a replay gives other scores ({len(again)} instead of {len(rows)})",
                where=f"facility {row['facility']}",
                do="see whether rules or cards were changed since; else report it",
            )
        typer.echo(f"  replayed: the {len(rows)} scores up to this one are the same, bit for bit")


def rank() -> None:
    """The facilities by their risk now, with the reasons: weak and high-load places first."""
    import json

    from infra.custody.read import facility_scores
    from infra.settings import load_settings
    from streaming_jobs.risk.words import LEVELS, points_of

    for row in facility_scores(load_settings()):
        zh, en = LEVELS[row["level"]]
        parts = sorted(json.loads(row["contributions"]), key=lambda p: -p["points"])
        reasons = "; ".join(f"{p['en']} / {p['zh']} {points_of(p['points'])}" for p in parts)
        typer.echo(f"{row['facility']:>8} {points_of(row['score']):>6} {en}/{zh}  {_shown(row['at'])}  {reasons}")


def correct(
    person: Annotated[str, typer.Argument(help="Pseudonym.")],
    input_: Annotated[str, typer.Option("--input", help="Kind of happening, e.g. alert.cel-01.")],
    happened: Annotated[datetime, typer.Option("--happened", formats=FORMATS, help="When, as the score shows it.")],
    ground: Annotated[
        str, typer.Option("--ground", help="false_alarm, wrong_person, entered_wrongly or appeal_upheld.")
    ],
    by: By,
    why: Why = "safehold risk correct",
) -> None:
    """Strike a happening from a person's record: it counts no more, in any scorecard."""
    import json
    import time

    from infra.custody.post import event_of, post
    from infra.custody.read import scores
    from infra.settings import UserError, load_settings
    from ingestion.contracts import RiskCorrection, content_id

    settings = load_settings()
    row, moment = scores(settings, person)[-1], int(happened.timestamp()) * 1000
    shown = {(p["input"], p["since"]) for p in json.loads(row["contributions"]) if p["kind"] == "happening"}
    if (input_, moment) not in shown and not any(name == input_ for name, _ in shown):
        known = ", ".join(f"{name} at {_shown(since, happened)}" for name, since in sorted(shown)) or "nothing"
        raise UserError(f"no {input_} counts for {person}", where="--input", do=f"what counts: {known}")
    now = time.time_ns() // 1_000_000
    fields = {
        "facility": row["facility"], "event_time": now, "device": "risk-desk",
        "correction": content_id(person, input_, moment, now)[:16], "subject": person, "input": input_,
        "happened_at": moment, "ground": ground, "by": by,
    }  # fmt: skip
    event = event_of(RiskCorrection, fields, do="see safehold risk correct --help")
    post(settings, event, by, "risk correct", person, why)
    typer.echo(f"{person}: {input_} of {_shown(moment, happened)} is struck ({ground}); posted")


def compare() -> None:
    """A scorecard in shadow beside the one in force: who would have another level, before it is activated."""
    from infra.custody.compare import compared
    from infra.settings import load_settings

    for line in compared(load_settings()):
        typer.echo(line)


def fit(
    out: Annotated[Path, typer.Option("--out", help="Folder for the new card and its model card.")] = Path("out/risk"),
    outcome: Annotated[
        list[str] | None, typer.Option("--outcome", help="Rule whose alert is an outcome; may be given again.")
    ] = None,
    horizon_h: Annotated[float, typer.Option(min=1, help="Hours within which an outcome counts.")] = 72,
    simulated: Annotated[int, typer.Option("--simulated", min=0, help="People of simulated careers.")] = 0,
    days: Annotated[int, typer.Option(min=10, help="Days of the simulated careers.")] = 90,
    seed: Annotated[int, typer.Option(help="Seed of the simulated careers.")] = 7,
) -> None:
    """Fit the next version of the scorecard of persons on history, judge it, and write its model card."""
    from batch_jobs.risk.table import Question
    from infra.deployment.risk_fit import run
    from infra.settings import load_settings
    from streaming_jobs.catalogue import load_catalogue

    outcomes = frozenset(outcome or ("cel-01", "cel-05", "cel-06"))
    for rule in outcomes:
        _ = load_catalogue()[rule]
    careers = (simulated, days, seed) if simulated else None
    run(load_settings(), Question(outcomes, horizon_h), out, careers, typer.echo)
