"""Changing a rule at facilities: into the audit log, into their streams, and seen in force."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pyiceberg.expressions import And, EqualTo

from infra import audit
from infra.settings import Settings, open_catalog, table_name
from infra.settings.running import JOB_JVM, read_run
from ingestion.contracts import AuditEntry, QuarantineRow, RuleChange, RuleStatus, content_id
from ingestion.landing import LandingReport, land
from ingestion.sources.record import Record, record_of

SOURCE = "rules-desk"
POLL_S = 0.5

Action = Literal["deploy", "disable", "shadow", "activate", "withdraw"]


@dataclass(frozen=True)
class Wanted:
    """A change that somebody wants: what, where, who and why. ``before``: definition in force, by facility."""

    action: Action
    rule: str
    by: str
    why: str
    facilities: tuple[str, ...]
    before: dict[str, str]
    definition: str = ""
    mode: Literal["active", "shadow"] = "shadow"


@dataclass(frozen=True)
class Answer:
    """What the stream job said about a change at a facility: a line for each version that it speaks of."""

    facility: str
    versions: tuple[tuple[int, str, str], ...]  # version, mode, detail
    refused: str = ""


def post(settings: Settings, wanted: Wanted) -> tuple[str, LandingReport]:
    """Write the change into the audit log, then post it; returns its id and what became of the records.

    Raises:
        UserError: no broker runs.
    """
    change, records = audited(settings, wanted)
    return change, land(settings, SOURCE, records)


def audited(settings: Settings, wanted: Wanted) -> tuple[str, list[Record]]:
    """Write the change into the audit log; returns its id and the records to be posted, one a facility."""
    now = int(time.time() * 1000)
    change = content_id(wanted.action, wanted.rule, wanted.definition, wanted.by, now)[:16]
    what = f"rule {wanted.action}" + (f" {wanted.mode}" if wanted.action == "deploy" else "")
    after = wanted.definition if wanted.action == "deploy" else ""
    entries = [
        AuditEntry(
            audit_id=content_id(change, facility),
            at=now,
            who=wanted.by,
            what=what,
            target=f"{wanted.rule} at {facility}",
            why=wanted.why,
            before=_digest(wanted.before.get(facility, "")),
            after=_digest(after or ("" if wanted.action == "disable" else wanted.before.get(facility, ""))),
        )
        for facility in wanted.facilities
    ]
    events = [
        RuleChange(
            facility=facility,
            event_time=now,
            device=SOURCE,
            change=change,
            action=wanted.action,
            rule=wanted.rule,
            mode=wanted.mode,
            definition=wanted.definition,
            by=wanted.by,
            reason=wanted.why,
        )
        for facility in wanted.facilities
    ]
    audit.append(settings, entries)
    return change, [replace(record_of(event), source=SOURCE) for event in events]


def _digest(definition: str) -> str:
    return content_id(definition) if definition else ""


def is_running(settings: Settings) -> bool:
    """Whether the instance's stream job runs on this machine."""
    record = read_run(settings, JOB_JVM)
    return record is not None and record.is_alive()


def answers(settings: Settings, change: str) -> list[Answer]:
    """What the stream job has said about a change so far."""
    catalog = open_catalog(settings)
    rows = catalog.load_table(table_name(RuleStatus)).scan(row_filter=EqualTo("change", change)).to_arrow().to_pylist()
    found: dict[str, dict[int, tuple[int, str, str, int]]] = {}
    for row in sorted(rows, key=lambda r: r["number"]):
        versions = found.setdefault(row["facility"], {})
        versions[row["rule_version"]] = (row["rule_version"], row["mode"], row["detail"], row["number"])
    said = [
        Answer(facility, tuple(one[:3] for one in sorted(versions.values()))) for facility, versions in found.items()
    ]
    refused = catalog.load_table(table_name(QuarantineRow)).scan(
        row_filter=And(EqualTo("source", SOURCE), EqualTo("stage", "stream")),
        selected_fields=("facility", "detail", "raw"),
    )
    for row in refused.to_arrow().to_pylist():
        if change.encode() in row["raw"]:
            said.append(Answer(row["facility"], (), row["detail"]))
    return sorted(said, key=lambda one: one.facility)


def wait(
    settings: Settings, change: str, facilities: Sequence[str], timeout_s: float, say: Callable[[str], None]
) -> tuple[list[Answer], list[str]]:
    """Wait until the job has answered for every facility; returns the answers and who is missing."""
    end = time.monotonic() + timeout_s
    told: set[str] = set()
    while True:
        found = answers(settings, change)
        for one in found:
            if one.facility not in told:
                told.add(one.facility)
                say(_line(one))
        missing = [name for name in facilities if name not in told]
        if not missing or time.monotonic() > end:
            return found, missing
        time.sleep(POLL_S)


def _line(answer: Answer) -> str:
    if answer.refused:
        return f"  {answer.facility}: refused: {answer.refused}"
    versions = [f"v{version} {mode}" + (f" ({detail})" if detail else "") for version, mode, detail in answer.versions]
    return f"  {answer.facility}: {', '.join(versions)}"
