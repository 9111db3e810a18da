"""Looking at rules: which run where, what they raise and cost, and what a candidate would have raised."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from batch_jobs.backtest.job import Compared
    from infra.settings import Settings
    from ingestion.contracts import RuleCost
    from streaming_jobs.catalogue import Rule

FORMATS = ["%Y-%m-%dT%H:%M:%S%z"]
From = Annotated[datetime, typer.Option("--from", formats=FORMATS, help="Beginning, e.g. 2026-11-23T20:50:00+08:00.")]
To = Annotated[datetime, typer.Option("--to", formats=FORMATS, help="End, exclusive, written the same way.")]


def add_to(group: typer.Typer) -> None:
    """Add these commands to `safehold rules`."""
    group.command()(status)
    group.command()(cost)
    group.command()(backtest)
    group.command()(recompute)


def status() -> None:
    """The rules that run: version, mode, facilities, alerts an hour, open alerts."""
    from infra.deployment.standing import summary
    from infra.settings import load_settings
    from streaming_jobs.export import read_alerts

    settings = load_settings()
    typer.echo(f"{'rule':8} {'version':>7} {'mode':9} {'facilities':>10} {'alerts/h':>9} {'open':>5}")
    for line in summary(settings, read_alerts(settings)):
        rate = "-" if line.alerts_per_hour is None else f"{line.alerts_per_hour:.2f}"
        typer.echo(
            f"{line.rule:8} {line.version:>7} {line.mode:9} {line.facilities:>10} {rate:>9} {line.open_alerts:>5}"
        )
        for detail in line.details:
            typer.echo(f"{'':8} {detail}")
    typer.echo("alerts/h: at one facility, over the last 24 hours of event time")


def cost(
    facility: Annotated[str, typer.Option(help="Facility; that of the latest recorded second by default.")] = "",
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Local day; the facility's last by default.")
    ] = None,
    seconds: Annotated[int, typer.Option(min=1, help="Recorded seconds that are judged, the last of the day.")] = 600,
) -> None:
    """What each rule costs: CPU of the kernel on recorded seconds, the rule alone less none. Printed, and kept."""
    from infra.settings import load_settings

    rows = measure_costs(load_settings(), facility, day.date() if day else None, seconds)
    typer.echo(f"{'rule':8} {'version':>7} {'mode':9} {'us/second':>10} {'ratio':>6}")
    for row in sorted(rows, key=lambda row: -row.cost_us):
        ratio = f"{(row.none_us + row.cost_us) / row.none_us:.2f}" if row.none_us else "-"
        typer.echo(f"{row.rule:8} {row.rule_version:>7} {row.mode:9} {row.cost_us:>10.1f} {ratio:>6}")
    one = rows[0]
    typer.echo(
        f"us/second: CPU of the kernel for one second of facility {one.facility}, the rule alone less none, on the "
        f"last {one.seconds} recorded seconds of {one.day}; none {one.none_us:.1f}, all {len(rows)} together "
        f"{one.together_us:.1f}; ratio: with the rule by without"
    )


def measure_costs(settings: Settings, facility: str, day: date | None, seconds: int) -> list[RuleCost]:
    """Measure the rules that run at a facility on its recorded seconds, and append the rows to the lake.

    Raises:
        UserError: there are no recorded seconds, or no rule runs there.
    """
    import time

    from infra.deployment.standing import standings, stored_seconds
    from infra.settings import UserError, append_rows, ensure_tables, open_catalog
    from ingestion.contracts import RuleCost
    from streaming_jobs.catalogue import Rule
    from streaming_jobs.kernel.cost import costs

    catalog = open_catalog(settings)
    ensure_tables(catalog)
    stored = stored_seconds(settings, seconds, facility, day)
    where = stored[0]["facility"]
    found = [one for one in standings(settings) if one.facility == where and one.mode in ("active", "shadow")]
    running = [(one, rule) for one in found if isinstance(rule := one.read(), Rule)]
    if not running:
        raise UserError(f"no rule runs at {where}", where="--facility", do="see: safehold rules status")
    measured = costs([rule for _, rule in running], stored, time.process_time)
    rows = [
        RuleCost(
            at=int(time.time() * 1000), facility=where, day=stored[-1]["day"], seconds=len(stored), rule=one.rule,
            rule_version=one.version, mode=one.mode, cost_us=each, none_us=measured.none,  # type: ignore[arg-type]
            together_us=measured.together,
        )
        for (one, _), each in zip(running, measured.each, strict=True)
    ]  # fmt: skip
    append_rows(catalog, RuleCost, rows)
    return rows


def backtest(
    rule: Annotated[str, typer.Argument(help="A rule's YAML file, or the id of a rule, e.g. int-01.")],
    from_: From,
    to: To,
    facility: Annotated[
        list[str] | None, typer.Option("--facility", help="Only this facility; may be given again. All by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the alerts as JSON lines into this file.")] = None,
) -> None:
    """What a rule would have raised on stored features, beside the version in force, per facility."""
    from batch_jobs.backtest.job import backtest as run
    from batch_jobs.lakehouse.session import spark_session
    from infra.deployment.standing import in_force, standings
    from infra.deployment.trial import Beside
    from infra.settings import UserError, ensure_tables, load_settings, open_catalog

    settings = load_settings()
    begin, end = round(from_.timestamp() * 1000), round(to.timestamp() * 1000)
    if begin >= end:
        raise UserError("the end is not after the beginning", where="--to", do="give a later time")
    ensure_tables(open_catalog(settings))
    known = standings(settings)
    candidate = _candidate(rule, settings)
    current = {name: one.read_rule() for name, one in in_force(known, candidate.id).items() if one.mode != "disabled"}
    typer.echo(f"{candidate.id} v{candidate.version} on stored features: starting Spark")
    with spark_session(settings, "backtest") as spark:
        compared = run(spark, Beside(current, candidate), from_ms=begin, to_ms=end, facilities=facility or ())
    for one in compared:
        version = f"v{current[one.facility].version}" if one.facility in current else "nothing"
        typer.echo(
            f"{one.facility}: {one.seconds} s; beside {version} in force: "
            f"{len(one.added)} added, {len(one.removed)} removed, {len(one.unchanged)} unchanged"
        )
        for sign, alerts in (("+", one.added), ("-", one.removed), ("=", one.unchanged)):
            for alert in alerts:
                typer.echo(f"  {sign} {_onset(alert, from_.tzinfo)} {_what(alert)}{_shift(alert)}")
    if out is not None:
        _write(out, compared)


def recompute(
    day: Annotated[datetime, typer.Option("--day", formats=["%Y-%m-%d"], help="The day whose alerts are recomputed.")],
    timezone: Annotated[str, typer.Option(help="Where the day begins and ends.")] = "Asia/Shanghai",
    facility: Annotated[
        list[str] | None, typer.Option("--facility", help="Only this facility; may be given again. All by default.")
    ] = None,
) -> None:
    """A day's alerts from what was received, late records included, beside what the stream raised."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from batch_jobs.backtest.recompute import CLEARS_MS
    from batch_jobs.backtest.recompute import recompute as run
    from batch_jobs.lakehouse.session import spark_session
    from infra.deployment.recomputation import InTime
    from infra.settings import UserError, append_rows, ensure_tables, load_settings, open_catalog
    from ingestion.contracts import RecomputedAlert

    settings = load_settings()
    try:
        begin = day.replace(tzinfo=ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UserError(
            f"{timezone!r} is no time zone", where="--timezone", do="write it like Asia/Shanghai"
        ) from error
    from_ms, to_ms = (round((begin + timedelta(days=n)).timestamp() * 1000) for n in (0, 1))
    catalog = open_catalog(settings)
    ensure_tables(catalog)
    decide = InTime(settings.allowed_lateness_ms, settings.ahead_tolerance_ms, to_ms + CLEARS_MS, settings.rules)
    typer.echo(f"alerts of {day:%Y-%m-%d} from received records: starting Spark")
    with spark_session(settings, "recompute") as spark:
        name, found = run(spark, decide, from_ms=from_ms, to_ms=to_ms, facilities=facility or ())
    append_rows(catalog, RecomputedAlert, [RecomputedAlert(**row) for one in found for row in one.rows(name)])
    for one in found:
        typer.echo(
            f"{one.facility}: {one.late} late records; beside the stream: "
            f"{len(one.added)} added, {len(one.removed)} removed, {len(one.unchanged)} unchanged"
        )
        for sign, alerts in (("+", one.added), ("-", one.removed)):
            for alert in alerts:
                typer.echo(f"  {sign} {_onset(alert, begin.tzinfo)} {alert['rule']} {_what(alert)}")
    typer.echo(f"run {name} in silver.alert_recomputed; live alerts are as they were")


def _onset(alert: dict[str, Any], zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(alert["onset"] / 1000, tz=zone).isoformat()


def _what(alert: dict[str, Any]) -> str:
    """Id, verdict, place and people."""
    entity = " ".join([alert["zone"], *alert["subjects"]]).strip()
    return f"{alert['alert_id'][:12]} {alert['verdict']} {entity}"


def _shift(alert: dict[str, Any]) -> str:
    """How much later or earlier than in force the same alert is raised."""
    seconds = (alert["raised_at"] - alert.get("in_force_raised_at", alert["raised_at"])) // 1000
    return f"  raised {abs(seconds)} s {'later' if seconds > 0 else 'earlier'}" if seconds else ""


def _candidate(rule: str, settings: Settings) -> Rule:
    """The rule of a file; of an id the version in shadow, else that of the catalogue's files."""
    from infra.deployment.standing import standings
    from streaming_jobs.catalogue import load_catalogue, load_rule

    if rule.endswith(".yaml") or Path(rule).is_file():
        return load_rule(Path(rule))
    trial = next((s for s in standings(settings) if s.rule == rule and s.mode == "shadow"), None)
    return trial.read_rule() if trial is not None else load_catalogue()[rule]


def _write(out: Path, compared: list[Compared]) -> None:
    from infra.settings import UserError

    try:
        with out.open("w", encoding="utf-8") as file:
            for one in compared:
                for name, alerts in (("added", one.added), ("removed", one.removed), ("unchanged", one.unchanged)):
                    for alert in alerts:
                        file.write(json.dumps({"compared": name, **alert}, ensure_ascii=False) + "\n")
    except OSError as fault:
        raise UserError(f"cannot write: {fault.strerror}", where=str(out), do="give a path you may write to") from fault
