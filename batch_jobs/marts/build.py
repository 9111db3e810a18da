"""One build of the marts: dbt in a process of its own, its state under the instance's home.

A process of its own, because dbt keeps its adapters and DuckDB its file open for as long as the process lives, and
the gate opens that file next.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from batch_jobs.disclosure.job import disclose
from batch_jobs.marts.lake_tables import Snapshots, current_snapshots
from batch_jobs.marts.sources import bring_up_to, connect, reading
from batch_jobs.underreporting.estimate import estimate
from infra.settings import SafeholdError, Settings, UserError, open_catalog

PROJECT = Path(__file__).resolve().parents[2] / "dbt"
Target = Literal["embedded", "cluster"]
PROGRAMS: dict[Target, str] = {"embedded": "dbt.cli.main", "cluster": "batch_jobs.marts.cluster"}


@dataclass(frozen=True)
class Build:
    """What a build did. ``seconds`` is wall time, dbt's start included; ``project`` the digest of the dbt project."""

    models: int
    checks: int
    seconds: float
    run_id: str
    target: Target
    incremental: bool
    as_known_on: str | None
    project: str
    snapshots: Snapshots


def target_path(settings: Settings) -> Path:
    """Where dbt keeps its manifest and compiled models for this instance."""
    return settings.marts / "dbt"


def build_record(settings: Settings) -> Path:
    """File that says which build the marts are of; it is there only after a build that ended well."""
    return settings.marts / "build.json"


def dbt_environment(settings: Settings, target: Target) -> dict[str, str]:
    """The environment that dbt/profiles.yml reads."""
    return os.environ | {
        "SAFEHOLD_HOME": str(settings.home),
        "SAFEHOLD_DBT_TARGET": target,
        "SAFEHOLD_DBT_PLUGINS": str(PROJECT / "plugins"),
        "SAFEHOLD_MARTS_DB": str(settings.marts_db),
        "PYTHONPATH": os.pathsep.join([str(PROJECT.parent), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "PYTHONWARNINGS": "ignore",
        "DO_NOT_TRACK": "1",
    }


def dbt_command(settings: Settings, target: Target, *arguments: str) -> list[str]:
    """dbt's command line with all its state under the instance's home."""
    return [
        sys.executable,
        "-m",
        PROGRAMS[target],
        *("--log-format", "json", "--log-path", str(settings.logs / "dbt"), "--no-version-check"),
        *arguments,
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(target_path(settings))),
    ]


@contextmanager
def _only_build(settings: Settings) -> Iterator[None]:
    settings.marts.mkdir(parents=True, exist_ok=True)
    with (settings.marts / "build.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(
                "another build of this instance is running", where=str(settings.marts), do="wait until it has ended"
            ) from error
        yield


def _run(command: list[str], env: dict[str, str], on_event: Callable[[dict[str, Any]], None]) -> tuple[int, list[str]]:
    """Run dbt; returns its exit code and its error messages."""
    errors: list[str] = []
    with subprocess.Popen(command, cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            line = raw.decode(errors="replace").strip()
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                errors.append(line)
                continue
            if event["info"]["level"] == "error":
                errors.append(str(event["info"]["msg"]).strip())
            on_event(event)
    return process.returncode, [message for message in errors if message]


def _failures(settings: Settings) -> list[str]:
    """Failed models and checks of the last run, each in one line with its file."""
    path = target_path(settings) / "run_results.json"
    manifest = target_path(settings) / "manifest.json"
    if not path.is_file() or not manifest.is_file():
        return []
    nodes = json.loads(manifest.read_text(encoding="utf-8"))
    files = {k: v.get("original_file_path", "") for part in ("nodes", "unit_tests") for k, v in nodes[part].items()}
    lines = []
    for result in json.loads(path.read_text(encoding="utf-8"))["results"]:
        if result["status"] in ("error", "fail", "runtime error"):
            message = " ".join(str(result.get("message") or result["status"]).split())
            lines.append(
                f"{result['unique_id'].split('.')[2]}: {message[:500]} (dbt/{files.get(result['unique_id'], '')})"
            )
    return lines


def project_digest() -> str:
    """Digest of what the dbt project says: a build under another text cannot be gone on from."""
    files = [file for folder in ("macros", "models", "seeds") for file in (PROJECT / folder).rglob("*.*")]
    texts = [file.read_bytes() for file in sorted([*files, PROJECT / "dbt_project.yml"])]
    return hashlib.sha256(b"".join(texts)).hexdigest()[:16]


def _go_on(settings: Settings, target: Target, known: str | None, project: str, until: Snapshots) -> str | None:
    """Make the build file ready for an incremental build; returns why a full one is needed, None if it is not."""
    if not build_record(settings).is_file() or not settings.marts_db.is_file():
        return "no build before it ended well"
    before = json.loads(build_record(settings).read_text(encoding="utf-8"))
    if (before.get("target"), before.get("as_known_on"), before.get("project")) != (target, None, project) or known:
        return "the build before was of another engine, knowledge date or state of the models"
    build_record(settings).unlink()  # from here on the file is of no build until this one has ended well
    with connect(settings) as connection:
        return bring_up_to(connection, open_catalog(settings), before["snapshots"], until)


def build_marts(
    settings: Settings,
    *,
    as_known_on: date | None = None,
    target: Target = "embedded",
    incremental: bool = False,
    unit_tests: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Build:
    """Build all models from the instance's lake and run all their checks.

    Args:
        as_known_on: knowledge date (UTC, its whole day included); None for all that is known.
        target: engine.
        incremental: go on from the build before and renew only what the rows since then touch. A full build is made
            where that is not possible, and it is said why.
        unit_tests: also run the models' unit tests, which look at the models and not at the data.
        say: told how far the build is.

    Raises:
        UserError: another build of the instance is running.
        SafeholdError: a model or a check failed; the message names each.
    """
    started = time.monotonic()
    done = 0

    def follow(event: dict[str, Any]) -> None:
        nonlocal done
        if event["info"]["name"] in ("LogModelResult", "LogTestResult", "LogSeedResult"):
            done += 1
            if done % 50 == 0:
                say(f"  {done} of {event['data'].get('total') or event['data'].get('num_models')} models and checks")

    arguments = ["build", "--vars", json.dumps({"as_known_on": as_known_on.isoformat()} if as_known_on else {})]
    if not unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    with _only_build(settings):
        project, snapshots = project_digest(), current_snapshots(open_catalog(settings))
        known = as_known_on.isoformat() if as_known_on else None
        wanted, incremental = incremental, False
        if wanted:
            reason = _go_on(settings, target, known, project, snapshots)
            incremental = reason is None
            say(f"  a full build: {reason}" if reason else "  only what came since the build before")
        if not incremental:
            build_record(settings).unlink(missing_ok=True)
            arguments.append("--full-refresh")
            for stale in (settings.marts_db, settings.marts_db.with_suffix(".duckdb.wal")):
                stale.unlink(missing_ok=True)
        reading(settings).write_text(json.dumps(snapshots) + "\n", encoding="utf-8")
        (target_path(settings) / "run_results.json").unlink(missing_ok=True)
        code, errors = _run(dbt_command(settings, target, *arguments), dbt_environment(settings, target), follow)
        if code != 0:
            failures = _failures(settings) or errors or ["dbt ended without a message"]
            shown = "\n".join(f"  - {line}" for line in failures[:10])
            more = f"\n  and {len(failures) - 10} more" if len(failures) > 10 else ""
            raise SafeholdError(
                f"the marts were not built:\n{shown}{more}",
                where=str(settings.logs / "dbt" / "dbt.log"),
                do="mend the data or the model it names; what was published before is untouched",
            )
        with connect(settings) as connection:
            estimate(connection)
        decided = disclose(settings)
        say(f"  disclosure control: {decided.withheld} of {decided.cells} counts withheld")
        results = json.loads((target_path(settings) / "run_results.json").read_text(encoding="utf-8"))
        kinds = [result["unique_id"].split(".")[0] for result in results["results"]]
        built = Build(
            models=sum(kind in ("model", "seed") for kind in kinds),
            checks=sum(kind in ("test", "unit_test") for kind in kinds),
            seconds=round(time.monotonic() - started, 3),
            run_id=str(results["metadata"]["invocation_id"]),
            target=target,
            incremental=incremental,
            as_known_on=known,
            project=project,
            snapshots=snapshots,
        )
        build_record(settings).write_text(json.dumps(asdict(built)) + "\n", encoding="utf-8")
    return built
