"""The audit log: append-only, and chained, so that a change, a gap or a cut end is found.

Each entry holds its number and the digest of the one before; its own digest covers both. The lake alone cannot be
trusted with the end of the chain, so number and digest of the last entry are also kept outside of it.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import BooleanExpression, GreaterThanOrEqual, In, Or
from pyiceberg.table import ALWAYS_TRUE

from infra.settings import SafeholdError, Settings, append_rows, ensure_tables, iceberg_schema, open_catalog, table_name
from ingestion.contracts import AuditEntry, content_id

BEGIN = "0" * 32


class Fault(NamedTuple):
    """What does not fit, at which number of the chain."""

    number: int
    what: str


class End(NamedTuple):
    """The last entry of the chain."""

    number: int
    digest: str


def head_file(settings: Settings) -> Path:
    """Number and digest of the last entry; outside of the lake, readable by the owner only."""
    return settings.secrets / "audit-head.json"


def digest_of(entry: AuditEntry) -> str:
    """BLAKE2b-128 over every field but the digest itself, in the contract's order."""
    return content_id(*(getattr(entry, name) for name in AuditEntry.model_fields if name != "digest"))


def append(settings: Settings, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Chain entries and write them, in one commit; entries whose id is in the chain already are left out.

    Raises:
        SafeholdError: the lake refuses, or its end is not the one that was written last.
    """
    with _lock(settings):
        catalog = open_catalog(settings)
        ensure_tables(catalog)
        _evolve(catalog)
        ends = _ends(settings)
        begin = min((end.number for end in ends), default=0)
        said_before = In("audit_id", {entry.audit_id for entry in entries})
        rows = _rows(catalog, Or(GreaterThanOrEqual("number", begin), said_before))
        last = max((End(row["number"], row["digest"]) for row in rows), default=End(-1, BEGIN))
        if ends and last not in ends:
            raise SafeholdError(
                f"the audit log does not end with its last entry, number {ends[-1].number}",
                where=table_name(AuditEntry),
                do="run: safehold audit verify",
            )
        known = {row["audit_id"] for row in rows}
        chained: list[AuditEntry] = []
        end = last
        for entry in entries:
            if entry.audit_id in known:
                continue
            linked = entry.model_copy(update={"number": end.number + 1, "previous": end.digest})
            linked = linked.model_copy(update={"digest": digest_of(linked)})
            end = End(linked.number, linked.digest)
            chained.append(linked)
        if chained:
            # Both ends are right until the commit is known: a crash between leaves one of them.
            _set_ends(settings, last, end)
            append_rows(catalog, AuditEntry, chained)
            _set_ends(settings, end)
        return chained


def verify(settings: Settings) -> tuple[int, list[Fault]]:
    """Number of entries, and every fault of the chain: changed, missing, repeated or cut off."""
    with _lock(settings):
        catalog = open_catalog(settings)
        ensure_tables(catalog)
        _evolve(catalog)
        rows, ends = sorted(_rows(catalog), key=lambda row: row["number"]), _ends(settings)
    faults: list[Fault] = []
    expected, previous = 0, BEGIN
    for row in rows:
        number = row["number"]
        if number < expected:
            faults.append(Fault(number, "is there twice"))
            continue
        if number > expected:
            faults.append(Fault(expected, f"missing: {number - expected} entries before number {number}"))
        elif row["previous"] != previous:
            faults.append(Fault(number, "does not follow the entry before it"))
        if digest_of(AuditEntry.model_construct(**row)) != row["digest"]:
            faults.append(Fault(number, "was changed"))
        expected, previous = number + 1, row["digest"]
    if not ends and rows:
        faults.append(Fault(expected, f"the end of the chain is kept nowhere: {head_file(settings)} is missing"))
    if ends and End(expected - 1, previous) not in ends:
        faults.append(Fault(expected, f"the end was number {ends[-1].number}; it was cut off, added to or changed"))
    return len(rows), faults


def _evolve(catalog: SqlCatalog) -> None:
    """A log of before the chain gets its columns; its rows keep no number and count as numbered by time."""
    table = catalog.load_table(table_name(AuditEntry))
    if "digest" not in table.schema().column_names:
        with table.update_schema() as change:
            change.union_by_name(iceberg_schema(AuditEntry))


def _rows(catalog: SqlCatalog, chosen: BooleanExpression = ALWAYS_TRUE) -> list[dict[str, Any]]:
    rows = catalog.load_table(table_name(AuditEntry)).scan(row_filter=chosen).to_arrow().to_pylist()
    return [row for row in rows if row["number"] is not None]


def _ends(settings: Settings) -> list[End]:
    path = head_file(settings)
    return [End(*end) for end in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def _set_ends(settings: Settings, *ends: End) -> None:
    path = head_file(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(ends), encoding="utf-8")
    draft.replace(path)


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    """One writer at a time: a chain has one end."""
    settings.run.mkdir(parents=True, exist_ok=True)
    with (settings.run / "audit.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
