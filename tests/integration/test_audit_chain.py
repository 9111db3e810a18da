"""The audit log: an unbroken chain, and every way to break it is found."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyiceberg.expressions import EqualTo

from infra import audit
from infra.settings import SafeholdError, Settings, append_rows, load_settings, open_catalog
from ingestion.contracts import AuditEntry, content_id
from tests.support.commands import ROOT, must, safehold

Rows = list[dict[str, object]]


def entry(number: int, why: str = "a test") -> AuditEntry:
    name = content_id(number)[:16]
    return AuditEntry(audit_id=name, at=1000 + number, who="e-1", what="test", target="x", why=why, before="", after="")


@pytest.fixture
def logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SAFEHOLD_HOME", str(tmp_path / "home"))
    settings = load_settings()
    for first in range(0, 6, 2):
        audit.append(settings, [entry(first), entry(first + 1)])
    return settings


def table_of(settings: Settings):  # type: ignore[no-untyped-def]
    return open_catalog(settings).load_table("audit.log")


def rewrite(settings: Settings, change: Callable[[Rows], Rows]) -> None:
    """What somebody with access to the lake alone could do."""
    table = table_of(settings)
    rows = sorted(table.scan().to_arrow().to_pylist(), key=lambda row: row["number"])
    schema = table.scan().to_arrow().schema
    table.overwrite(pa.Table.from_pylist(change(rows), schema=schema))


def test_an_untouched_log_holds_and_entries_told_twice_are_in_it_once(logged: Settings) -> None:
    assert audit.append(logged, [entry(5), entry(6)])[0].number == 6
    assert audit.verify(logged) == (7, [])
    assert "7 entries, an unbroken chain" in must(logged.home, "audit", "verify").out


@pytest.mark.parametrize("field", ["who", "what", "target", "why", "before", "after", "audit_id"])
def test_a_changed_field_is_found(logged: Settings, field: str) -> None:
    rewrite(logged, lambda rows: [{**row, field: "other"} if row["number"] == 2 else row for row in rows])
    _, faults = audit.verify(logged)
    assert [fault.number for fault in faults] == [2]


def test_a_gap_a_cut_end_and_a_repetition_are_found(logged: Settings) -> None:
    table_of(logged).delete(EqualTo("number", 3))
    assert "missing" in audit.verify(logged)[1][0].what
    table_of(logged).delete(EqualTo("number", 5))
    assert "cut off" in audit.verify(logged)[1][-1].what
    rewrite(logged, lambda rows: [rows[0], *rows])
    assert "twice" in audit.verify(logged)[1][0].what


def test_a_chain_computed_anew_does_not_fit_the_end_that_is_kept_outside(logged: Settings) -> None:
    def forge(rows: Rows) -> Rows:
        previous, forged = audit.BEGIN, []
        for row in rows:
            one = AuditEntry.model_construct(**{**row, "why": "nothing happened", "previous": previous})  # type: ignore[arg-type]
            one = one.model_copy(update={"digest": audit.digest_of(one)})
            previous = one.digest
            forged.append(one.model_dump())
        return forged

    rewrite(logged, forge)
    faults = audit.verify(logged)[1]
    assert len(faults) == 1
    assert "changed" in faults[0].what
    ran = safehold(logged.home, "audit", "verify")
    assert ran.code == 1
    assert "does not hold" in ran.err


def test_nothing_is_appended_to_a_log_whose_end_is_gone(logged: Settings) -> None:
    table_of(logged).delete(EqualTo("number", 5))
    with pytest.raises(SafeholdError, match="does not end"):
        audit.append(logged, [entry(9)])


def test_a_crash_between_the_end_s_note_and_the_commit_breaks_nothing(logged: Settings) -> None:
    ends = audit.head_file(logged)
    before = ends.read_text(encoding="utf-8")
    audit.append(logged, [entry(6)])
    after = ends.read_text(encoding="utf-8")
    both = f"[{before[1:-1]}, {after[1:-1]}]"
    ends.write_text(both, encoding="utf-8")  # killed after the commit
    assert audit.verify(logged) == (7, [])
    table_of(logged).delete(EqualTo("number", 6))  # killed before it
    assert audit.verify(logged) == (6, [])
    assert audit.append(logged, [entry(7)])[0].number == 6


def test_writers_in_several_processes_make_one_chain(logged: Settings) -> None:
    script = (
        "import sys; from infra import audit; from infra.settings import load_settings;"
        "from tests.integration.test_audit_chain import entry;"
        "[audit.append(load_settings(), [entry(int(sys.argv[1]) + n)]) for n in range(3)]"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = [subprocess.Popen([sys.executable, "-c", script, str(base)], env=env, cwd=ROOT) for base in (100, 200)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert audit.verify(logged) == (12, [])


def test_a_log_of_before_the_chain_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFEHOLD_HOME", str(tmp_path / "home"))
    settings = load_settings()
    audit.append(settings, [])
    table = table_of(settings)
    append_rows(open_catalog(settings), AuditEntry, [entry(1)])
    with table.update_schema() as change:
        for name in ("number", "previous", "digest"):
            change.delete_column(name)
    audit.append(settings, [entry(2)])
    assert audit.verify(settings) == (1, [])
    assert len(table_of(settings).scan().to_arrow()) == 2
