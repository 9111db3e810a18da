"""What the running stream job says of itself through Flink's REST interface."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.request import urlopen

from infra.settings import Settings
from infra.settings.running import JOB_JVM, read_run

TIMEOUT_S = 5.0
SETTLE_S = 1.0
"""Flink answers with the metrics that it has and fetches new ones after that: so it is asked twice, so far apart."""

NAME = "safehold-stream"
NOTHING: Mapping[str, Any] = dict.fromkeys(
    (
        *("restarts", "uptime_ms", "checkpoint_at", "checkpoint_ms", "checkpoint_bytes", "checkpoints_completed"),
        *("checkpoints_failed", "records_per_s", "busy_pct", "back_pressured_pct"),
    )
)
"""What is said of a job that cannot be asked."""

_STATES = {
    "RUNNING": "running",
    "RESTARTING": "restarting",
    "FAILING": "restarting",
    **dict.fromkeys(("INITIALIZING", "CREATED", "RECONCILING"), "starting"),
    **dict.fromkeys(("FAILED", "CANCELLING", "CANCELED", "FINISHED", "SUSPENDED"), "ended"),
}
_LIFE = ("numRestarts", "uptime")
_PACE = ("numRecordsInPerSecond", "busyTimeMsPerSecond", "backPressuredTimeMsPerSecond")


def sample_job(settings: Settings) -> dict[str, Any]:
    """The job's part of a row of ``silver.job_health``: state, restarts, checkpoints, pace.

    Raises:
        OSError, ValueError, KeyError: the job lives, but does not answer, or not as Flink does.
    """
    record = read_run(settings, JOB_JVM)
    if record is None or not record.is_alive():
        return {"state": "not_running", **NOTHING}
    if not record.address:
        return {"state": "starting", **NOTHING}
    known = [job for job in _ask(record.address, "/jobs/overview")["jobs"] if job["name"] == NAME]
    if not known:
        return {"state": "starting", **NOTHING}
    newest = max(known, key=lambda job: job["start-time"])
    return {"state": _STATES[newest["state"]], **_numbers(record.address, f"/jobs/{newest['jid']}")}


def _ask(address: str, path: str) -> Any:
    with urlopen(address + path, timeout=TIMEOUT_S) as answer:
        return json.load(answer)


def _numbers(address: str, job: str) -> dict[str, Any]:
    _ask(address, f"{job}/metrics?get={','.join(_LIFE)}")
    time.sleep(SETTLE_S)
    life = {one["id"]: int(one["value"]) for one in _ask(address, f"{job}/metrics?get={','.join(_LIFE)}")}
    checkpoints = _ask(address, f"{job}/checkpoints")
    newest = checkpoints["latest"]["completed"]
    steps = [(step["name"], _pace(address, job, step["id"])) for step in _ask(address, job)["vertices"]]
    sources = [pace[_PACE[0]] for name, pace in steps if name.startswith("Source:") and _PACE[0] in pace]
    busy, waiting = ([pace[name] / 10 for _, pace in steps if name in pace] for name in _PACE[1:])
    return {
        "restarts": life.get("numRestarts"),
        # Flink says -1 while the job does not run.
        "uptime_ms": max(0, life["uptime"]) if "uptime" in life else None,
        "checkpoint_at": newest and newest["latest_ack_timestamp"],
        "checkpoint_ms": newest and newest["end_to_end_duration"],
        "checkpoint_bytes": newest and newest["state_size"],
        "checkpoints_completed": checkpoints["counts"]["completed"],
        "checkpoints_failed": checkpoints["counts"]["failed"],
        # Every source reads every record (one feeds bronze, one the fold): the job is as fast as the slowest.
        "records_per_s": min(sources, default=None),
        "busy_pct": max(busy, default=None),
        "back_pressured_pct": max(waiting, default=None),
    }


def _pace(address: str, job: str, step: str) -> dict[str, float]:
    """Sum over a step's parallel parts of what it reads, and the most of its busy and waiting time."""
    found = {one["id"]: one for one in _ask(address, f"{job}/vertices/{step}/subtasks/metrics?get={','.join(_PACE)}")}
    pace = {name: one["sum" if name == _PACE[0] else "max"] for name, one in found.items()}
    # A step that has not worked yet has no busy time: Flink says NaN.
    return {name: float(value) for name, value in pace.items() if value == value and value != "NaN"}
