"""The gate: write, audit, publish.

dbt has written the marts into the build file, and disclosure control beside them what may be seen of them. The gate
audits both with Great Expectations. If every check passes,
the schema `publication` goes into a new file that replaces the published one as a whole. If one fails, the published
file keeps its figures and its row of `freshness` says that the last audit failed.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from infra.settings import SafeholdError, Settings, UserError
from quality.attack.gate import attacked, keep_published
from quality.audit import Outcome, audit
from quality.docs import write_docs
from quality.suites import SUITES

SCHEMA = "publication"
CONTROLLED = "disclosure"
"""Schema with the tables under disclosure control as they may be published; in place of those of `publication`."""
BUILT = "build"


@dataclass(frozen=True)
class GateResult:
    """Outcome of an audit. ``published`` says whether the published file was replaced."""

    passed: bool
    published: bool
    checked_at: datetime
    run_id: str
    seconds: float
    checks: list[Outcome]

    @property
    def failed(self) -> list[Outcome]:
        """The checks that did not pass."""
        return [check for check in self.checks if not check.passed]


def data_docs(settings: Settings) -> Path:
    """Folder with the last audit as pages to read; `index.html` leads to them."""
    return settings.marts / "data-docs"


def gate_report(settings: Settings) -> Path:
    """File with the result of the last audit, as JSON."""
    return settings.marts / "gate.json"


def _tables(connection: duckdb.DuckDBPyConnection, database: str, schema: str = SCHEMA) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ? order by table_name",
        [database, schema],
    ).fetchall()
    return [str(row[0]) for row in rows]


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside ``path`` that takes its place when the block ends without an error."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    try:
        yield new
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
        new.with_name(new.name + ".wal").unlink(missing_ok=True)


def _attach_published(connection: duckdb.DuckDBPyConnection, published: Path, tables: list[str]) -> None:
    """Attach what was published before as ``before``; tables that are not there yet are there without rows."""
    connection.execute("attach ':memory:' as before")
    connection.execute(f"create schema before.{SCHEMA}")
    if published.is_file():
        connection.execute(f"attach '{_quoted(published)}' as published_file (read_only)")
    known = _tables(connection, "published_file")
    for table in tables:
        source = f"published_file.{SCHEMA}" if table in known else f"{BUILT}.{SCHEMA}"
        rows = "" if table in known else " limit 0"
        connection.execute(f'create view before.{SCHEMA}."{table}" as select * from {source}."{table}"{rows}')


def _state(
    connection: duckdb.DuckDBPyConnection, status: str, at: datetime, failed_checks: int | None, zh: str, en: str
) -> None:
    connection.execute(
        f"update {SCHEMA}.freshness set gate_status = ?, gate_checked_at = ?, gate_failed_checks = ?, "
        "note_zh = ?, note_en = ?",
        [status, at.replace(tzinfo=None, microsecond=0), failed_checks, zh, en],
    )


def _export(settings: Settings, checked_at: datetime, revision: str | None) -> None:
    """Copy the publication schema, and nothing else, into a new published file.

    What is in it counts as published before it is, so that nothing published is ever forgotten.
    """
    keep_published(settings)
    with _replacing(settings.published_db) as new:
        connection = duckdb.connect(str(new))
        try:
            connection.execute(f"attach '{_quoted(settings.marts_db)}' as built (read_only)")
            connection.execute(f"create schema {SCHEMA}")
            controlled = _tables(connection, "built", CONTROLLED)
            for table in _tables(connection, "built"):
                source = CONTROLLED if table in controlled else SCHEMA
                connection.execute(
                    f'create table {SCHEMA}."{table}" as select * from built.{source}."{table}" order by all'
                )
            zh, en = (f"；修订：{revision}", f"; revised: {revision}") if revision else ("", "")
            _state(connection, "passed", checked_at, 0, "审核通过" + zh, "the audit passed" + en)
            connection.execute("detach built")
            connection.execute("checkpoint")
        finally:
            connection.close()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def mark_stale(settings: Settings, *, failed_checks: int | None, at: datetime | None = None) -> bool:
    """Say in the published file that the last attempt failed; its figures stay as they are.

    Args:
        failed_checks: how many checks of the gate failed; None where the build itself did.

    Returns:
        False where nothing has been published yet, so that there is nothing to mark.
    """
    if not settings.published_db.is_file():
        return False
    with _replacing(settings.published_db) as new:
        shutil.copyfile(settings.published_db, new)
        connection = duckdb.connect(str(new))
        try:
            found = connection.execute(f"select data_until from {SCHEMA}.freshness").fetchone()
            until = f"{found[0]}" if found and found[0] else "-"
            why = (
                ("生成失败", "the last build failed")
                if failed_checks is None
                else ("审核未通过", "the last audit failed")
            )
            _state(
                connection,
                "failed",
                at or datetime.now(UTC),
                failed_checks,
                f"{why[0]}，当前显示上次发布的数据（截至{until}）",
                f"{why[1]}; figures are those published before (until {until})",
            )
            connection.execute("checkpoint")
        finally:
            connection.close()
    return True


def _write_report(settings: Settings, result: GateResult, revision: str | None) -> None:
    content: dict[str, Any] = {
        "passed": result.passed,
        "published": result.published,
        "checked_at": result.checked_at.isoformat(),
        "run_id": result.run_id,
        "revision": revision,
        "seconds": round(result.seconds, 3),
        "checks": len(result.checks),
        "failed": [asdict(check) for check in result.failed],
        "data_docs": str(data_docs(settings) / "index.html"),
        "passed_checks": [f"{check.suite}: {check.text}" for check in result.checks if check.passed],
    }
    with _replacing(gate_report(settings)) as new:
        new.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def _built_run(settings: Settings) -> str:
    """Id of the build that the marts are of; only a build that ended well leaves its record."""
    if not settings.marts_db.is_file():
        raise UserError("no marts have been built", where=str(settings.marts_db), do="run `safehold marts build`")
    record = settings.marts / "build.json"
    if not record.is_file():
        raise UserError(
            "the last build of the marts did not end well",
            where=str(settings.marts_db),
            do="run `safehold marts build` and see what it says",
        )
    return str(json.loads(record.read_text(encoding="utf-8"))["run_id"])


def run_gate(settings: Settings, revision: str | None = None) -> GateResult:
    """Audit the built marts, and publish them if every check passes.

    Args:
        revision: why figures published before may change by more than the suite ``history`` lets pass, for a mass
            correction of a register; that suite is left out then, and the dashboards show the reason.

    Raises:
        UserError: nothing has been built, or the build is not complete.
    """
    started = time.monotonic()
    run_id = _built_run(settings)
    checked_at = datetime.now(UTC)
    with duckdb.connect() as connection:
        # Its views name it by its file's name.
        connection.execute(f"attach '{_quoted(settings.marts_db)}' as {BUILT} (read_only)")
        connection.execute(f"use {BUILT}")
        tables = _tables(connection, BUILT)
        _attach_published(connection, settings.published_db, tables)
        attacked(connection, settings)
        suites = {name: checks for name, checks in SUITES.items() if name != "history" or revision is None}
        checks, results = audit(connection, tables, suites)
    write_docs(data_docs(settings), results, run_id, checked_at)
    passed = all(check.passed for check in checks)
    if passed:
        _export(settings, checked_at, revision)
    else:
        mark_stale(settings, failed_checks=sum(not check.passed for check in checks), at=checked_at)
    result = GateResult(passed, passed, checked_at, run_id, time.monotonic() - started, checks)
    _write_report(settings, result, revision)
    return result


def publish(settings: Settings, revision: str | None = None) -> GateResult:
    """:func:`run_gate`, with a failed audit as an error that names the failed checks.

    Raises:
        UserError: nothing has been built, or the build is not complete.
        SafeholdError: the audit failed.
    """
    result = run_gate(settings, revision)
    if not result.passed:
        shown = "\n".join(f"  - {c.suite}: {c.text} {c.found}" for c in result.failed[:10])
        more = f"\n  and {len(result.failed) - 10} more" if len(result.failed) > 10 else ""
        kept = (
            "the figures published before stay, marked as stale"
            if settings.published_db.is_file()
            else "nothing was published"
        )
        raise SafeholdError(
            f"the gate refused the marts: {len(result.failed)} of {len(result.checks)} checks failed; "
            f"{kept}:\n{shown}{more}",
            where=str(gate_report(settings)),
            do="mend what the checks name, then build and publish again",
        )
    return result
