"""Batch jobs on the lake: compaction, count reconciliation, retention."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from infra.settings import SafeholdError, Settings, load_settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KeepSnapshots = Annotated[int, typer.Option(min=1, help="Newest snapshots that stay, however old.")]
KeepDays = Annotated[int, typer.Option(min=0, help="Days for which snapshots stay, however many.")]


def _say(text: str) -> None:
    print(text, flush=True)


def _open() -> Settings:
    from infra.settings import ensure_tables, open_catalog

    settings = load_settings()
    ensure_tables(open_catalog(settings))
    _say("lake: starting Spark")
    return settings


def _compact(spark: SparkSession, keep_snapshots: int, keep_days: int) -> None:
    from batch_jobs.lakehouse.compaction import compact

    done = compact(spark, keep_snapshots=keep_snapshots, keep_days=keep_days, say=_say)
    before, after = sum(t.files_before for t in done), sum(t.files_after for t in done)
    _say(f"lake: compacted {len(done)} tables, {before} -> {after} files")


def _reconcile(settings: Settings, spark: SparkSession) -> None:
    from batch_jobs.lakehouse.reconciliation import reconcile

    answer = reconcile(spark)
    report = settings.lake / "reconciliation.json"
    report.write_text(json.dumps(answer.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for counted in answer.sources:
        _say(
            f"  {counted.source or '(no source)'}: offered {counted.offered}, landed {counted.landed}, "
            f"received {counted.received}, accepted {counted.accepted} ({counted.late} late), "
            f"quarantined {counted.quarantined_landing + counted.quarantined_stream}"
        )
    if not answer.balanced:
        shown = "\n".join(f"  - {problem}" for problem in answer.problems[:10])
        more = f"\n  and {len(answer.problems) - 10} more" if len(answer.problems) > 10 else ""
        raise SafeholdError(
            f"the counts of the lake do not agree:\n{shown}{more}",
            where=str(report),
            do="run `safehold run --until-drained` if the stream job has not read everything yet; else report it",
        )
    records = sum(counted.received for counted in answer.sources)
    _say(f"lake: all counts agree: {records} records, {len(answer.partitions)} partitions without gap or repeat")


def compact(keep_snapshots: KeepSnapshots = 20, keep_days: KeepDays = 7) -> None:
    """Rewrite small files into large ones and let old snapshots go."""
    from batch_jobs.lakehouse.session import spark_session

    settings = _open()
    with spark_session(settings, "compaction") as spark:
        _compact(spark, keep_snapshots, keep_days)


def reconcile() -> None:
    """Check that every record offered is accounted for exactly once; exit 1 where one is not."""
    from batch_jobs.lakehouse.session import spark_session

    settings = _open()
    with spark_session(settings, "reconciliation") as spark:
        _reconcile(settings, spark)


def maintain(keep_snapshots: KeepSnapshots = 20, keep_days: KeepDays = 7) -> None:
    """Compaction and reconciliation in one Spark session."""
    from batch_jobs.lakehouse.session import spark_session

    settings = _open()
    with spark_session(settings, "maintenance") as spark:
        _compact(spark, keep_snapshots, keep_days)
        _reconcile(settings, spark)


def retain(
    today: Annotated[str, typer.Option(help="Day from which days are counted back, UTC; else the present one.")] = "",
) -> None:
    """Let go the rows that are older than their table keeps them (keep_days in the profile)."""
    from datetime import UTC, date, datetime
    from functools import partial

    from batch_jobs.lakehouse.retention import retain as let_go
    from batch_jobs.lakehouse.session import spark_session
    from infra import audit
    from infra.settings import UserError, open_catalog

    try:
        day = date.fromisoformat(today) if today else datetime.now(UTC).date()
    except ValueError as error:
        raise UserError(f"{today!r} is no day", where="--today", do="give YYYY-MM-DD") from error
    settings = _open()
    with spark_session(settings, "retention") as spark:
        log = partial(audit.append, settings)
        done = let_go(spark, open_catalog(settings), settings.keep_days, today=day, audit=log, say=_say)
    _say(f"lake: {sum(one.rows for one in done)} rows of {len(done)} tables let go")


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(no_args_is_help=True, help="Upkeep of the lake.")
    group.command()(compact)
    group.command()(reconcile)
    group.command()(maintain)
    group.command()(retain)
    app.add_typer(group, name="lake")
