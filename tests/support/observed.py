"""What the platform saw of itself at facility 330101, worked out by hand; goes with `stream()` of the marts by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from ingestion.contracts import Alert, Contract, FacilityClock, JobHealth, LakeTable, RuleCost, RuleStatus

AT = 1_769_850_000_000
"""The moment of the newest sample, and of the facility's clock: 2026-01-31T09:00:00Z."""
HOUR_MS = 3_600_000
ASKED: dict[str, Any] = {
    "fault": "", "restarts": 1, "uptime_ms": 2 * HOUR_MS, "checkpoint_at": AT - 4_200, "checkpoint_ms": 310,
    "checkpoint_bytes": 4_226_660, "checkpoints_completed": 3600, "checkpoints_failed": 2, "records_per_s": 1028.34,
    "busy_pct": 61.0, "back_pressured_pct": 12.5, "records_posted": 61_700, "records_behind": 420,
}  # fmt: skip


def _table(at: int, name: str, rows: int, files: int, size: int, deletes: int = 0) -> LakeTable:
    return LakeTable(
        at=at, lake_table=name, row_count=rows, data_files=files, delete_files=deletes, file_bytes=size,
        snapshots=files, newest_snapshot_at=at - 1000 if files else None,
    )  # fmt: skip


def _alert(name: str, mode: str, onset_s: int, subjects: list[str], zone: str = "r1", hold_s: int = 30) -> Alert:
    onset = AT - HOUR_MS + onset_s * 1000
    return Alert(
        alert_id=name, rule="int-01", rule_version=2 if mode == "shadow" else 1, mode=mode, verdict="violation",  # type: ignore[arg-type]
        step="raised", facility="330101", zone=zone, subjects=subjects, severity="major", onset=onset,
        raised_at=onset + hold_s * 1000, accountable="leader", explanation="{}",
    )  # fmt: skip


def _status(number: int, version: int, mode: Any, since: int) -> RuleStatus:
    return RuleStatus(
        facility="330101", number=number, rule="int-01", rule_version=version, mode=mode, since=since, catalogue="c",
        change="", detail="", definition="{}",
    )  # fmt: skip


def _cost(at: int, version: int, mode: Any, cost_us: float) -> RuleCost:
    return RuleCost(
        at=at, facility="330101", day=date(2026, 1, 30), seconds=600, rule="int-01", rule_version=version, mode=mode,
        cost_us=cost_us, none_us=40.0, together_us=400.0,
    )  # fmt: skip


def observed() -> list[Contract]:
    """Two looks at the lake, three at the job, clocks, costs, and an hour in which int-01 v2 is on trial beside v1.

    On trial are raised: t1, as a1 of v1 twenty seconds later; t2, of somebody else; t3, forty seconds from a3, which is
    more than the hold of thirty; t4, of a zone, as a4. a0 is from before the trial. stream() adds two of v1.
    """
    nothing: dict[str, Any] = dict.fromkeys(ASKED)
    return [
        _table(AT - HOUR_MS, "bronze.received", 100, 1, 1000),
        _table(AT - HOUR_MS, "marts.gone", 5, 1, 10),
        _table(AT, "bronze.received", 250, 3, 3_000_000, deletes=1),
        _table(AT, "register.drill", 0, 0, 0),
        JobHealth(at=AT - 8 * 24 * HOUR_MS, state="running", **ASKED),
        JobHealth(at=AT - 25 * HOUR_MS, state="unreachable", **(nothing | {"fault": "job: timed out"})),
        JobHealth(at=AT, state="running", **ASKED),
        FacilityClock(at=AT - HOUR_MS, facility="330101", clock=AT - HOUR_MS, newest_event=None, received_at=None),
        FacilityClock(at=AT, facility="330101", clock=AT - 9000, newest_event=AT - 1500, received_at=AT - 90_000),
        _cost(AT - HOUR_MS, 1, "active", 99.0),
        _cost(AT, 1, "active", 20.0),
        _cost(AT, 2, "shadow", -0.4),
        _status(0, 1, "active", AT - 24 * HOUR_MS),
        _status(1, 2, "shadow", AT - HOUR_MS),
        _alert("t1", "shadow", 100, ["person-a1"]),
        _alert("a1", "active", 120, ["person-a1"], zone="r2"),
        _alert("t2", "shadow", 100, ["person-a2"]),
        _alert("t3", "shadow", 1000, ["person-a1"]),
        _alert("a3", "active", 1040, ["person-a1"]),
        _alert("t4", "shadow", 2000, []),
        _alert("a4", "active", 2000, []),
        _alert("a0", "active", -60, ["person-a2"], hold_s=0),
    ]
