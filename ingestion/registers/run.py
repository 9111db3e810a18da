"""Importing files: check, read, map, tell news from known, append, quarantine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import EqualTo

from infra.settings import Settings, append_rows, ensure_tables, open_catalog, table_name
from ingestion.contracts import REGISTERS, AdminUnit, QuarantineRow, RegisterRow, content_id
from ingestion.registers.csv_file import Row, check_file, read_rows
from ingestion.registers.mapping import Mapping, TableMapping, Units
from ingestion.registers.report import ImportReport, TableCount
from ingestion.registers.rows import Fault, register_row, skipped_by
from ingestion.registers.values import Reader
from ingestion.registers.versions import Versions, content_of, key_of

BATCH = 50_000
"""Rows held before they are appended; one append is one snapshot of the table."""

_INLINE = 1 << 20


def import_files(settings: Settings, mapping: Mapping, files: Sequence[Path], *, now: datetime) -> ImportReport:
    """Bring files into the lake of an instance; importing the same again adds nothing.

    All files are read and checked first, so that a faulty one leaves the lake as it was.

    Raises:
        UserError: a file that is missing, empty, in another code page, no delimited text or without
            a column that the mapping names.
    """
    columns = [check_file(path, mapping.file, mapping.columns()) for path in files]
    catalog = open_catalog(settings)
    ensure_tables(catalog)
    run = _Run(settings, catalog, mapping, now.astimezone(UTC))
    if isinstance(mapping.units, Units):
        run.take_units(mapping.units)
    for path, names in zip(files, columns, strict=True):
        run.take_file(path, names)
    run.flush()
    return run.report


@dataclass
class _Run:
    settings: Settings
    catalog: SqlCatalog
    mapping: Mapping
    now: datetime
    report: ImportReport = field(default_factory=ImportReport)
    versions: dict[str, Versions] = field(default_factory=dict)
    rows: dict[str, list[RegisterRow]] = field(default_factory=dict)
    held: list[QuarantineRow] = field(default_factory=list)
    held_before: set[str] | None = None
    first_said: dict[tuple[object, ...], tuple[str, str]] = field(default_factory=dict)

    def take_units(self, units: Units) -> None:
        """The units that the mapping itself states."""
        count = TableCount("the mapping", AdminUnit.TABLE, "units")
        self.report.counts.append(count)
        for unit in units.units:
            count.read += 1
            row = AdminUnit(
                known_from=self.now,
                source=self.mapping.source,
                unit=unit.unit,
                tier=unit.tier,
                parent=unit.parent,
                name_en=unit.en,
                name_zh=unit.zh,
            )
            self._judge(row, count, stated=False)

    def take_file(self, path: Path, columns: list[str]) -> None:
        """All rows of one file for all tables of the mapping."""
        reader = Reader(frozenset(self.mapping.file.nulls), self._unit_names())
        counts = [TableCount(path.name, table.table, table.name) for table in self.mapping.tables]
        self.report.counts += counts
        for row in _body(path, self.mapping):
            cells = dict(zip(columns, row.cells, strict=False))
            for table, count in zip(self.mapping.tables, counts, strict=True):
                count.read += 1
                self._take_row(path, row, cells, len(columns), table, count, reader)

    def _take_row(
        self,
        path: Path,
        row: Row,
        cells: dict[str, str],
        width: int,
        table: TableMapping,
        count: TableCount,
        reader: Reader,
    ) -> None:
        def hold(fault: Fault) -> None:
            count.quarantined += 1
            self._hold(path, row, cells if len(row.cells) == width else row.cells, table, fault)

        if not row.cells:
            count.skipped["blank line"] += 1
        elif len(row.cells) != width:
            do = "look for a separator inside a cell that is not quoted"
            hold(Fault(f"the row has {len(row.cells)} cells, the header {width}", "", do))
        elif rule := skipped_by(table, reader, cells):
            count.skipped[rule] += 1
        else:
            made = register_row(self.mapping, table, reader, cells, self.now)
            if isinstance(made, Fault):
                hold(made)
            else:
                self._take(made, count, f"{path.name}:{row.line}", hold)

    def _take(self, row: RegisterRow, count: TableCount, where: str, hold: Callable[[Fault], None]) -> None:
        """A good row, unless the files say it twice: the same is `repeated`, another is a fault."""
        said = self.first_said.setdefault((row.TABLE, *key_of(row), row.known_from), (content_of(row), where))
        if said[1] == where:
            self._judge(row, count, stated=self.mapping.known_from != "import")
        elif said[0] == content_of(row):
            count.repeated += 1
        else:
            key = ", ".join(row.KEY)
            hold(Fault(f"{said[1]} says otherwise for the same {key}", "", "keep the row that is right"))

    def _judge(self, row: RegisterRow, count: TableCount, *, stated: bool) -> None:
        verdict, known_from = self._versions(row.TABLE).judge(row, self.now, stated=stated)
        match verdict:
            case "unchanged":
                count.unchanged += 1
                return
            case "superseded":
                count.superseded += 1
                return
            case "new":
                count.new += 1
            case "correction":
                count.corrections += 1
            case "confirmed":
                count.confirmed += 1
        batch = self.rows.setdefault(row.TABLE, [])
        batch.append(row.model_copy(update={"known_from": known_from}))
        if len(batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Append all rows that are still held in memory."""
        for table, batch in self.rows.items():
            append_rows(self.catalog, REGISTERS[table], batch)
            batch.clear()
        append_rows(self.catalog, QuarantineRow, self.held)
        self.held.clear()

    def _versions(self, table: str) -> Versions:
        if table not in self.versions:
            self.versions[table] = Versions(REGISTERS[table])
            scan = self.catalog.load_table(table_name(REGISTERS[table])).scan()
            for batch in scan.to_arrow_batch_reader():
                self.versions[table].load(batch.to_pylist())
        return self.versions[table]

    def _unit_names(self) -> dict[str, str]:
        if not isinstance(self.mapping.units, Units):
            return {}
        return {
            name.casefold(): unit.unit
            for unit in self.mapping.units.units
            for name in (unit.unit, unit.en, unit.zh, *unit.also)
        }

    def _hold(self, path: Path, row: Row, cells: dict[str, str] | list[str], table: TableMapping, fault: Fault) -> None:
        raw = json.dumps(cells, ensure_ascii=False).encode()
        digest = content_id(raw)
        identity = content_id("register", self.mapping.mapping, table.table, table.name, path.name, row.line, digest)
        if self.held_before is None:
            scan = self.catalog.load_table(table_name(QuarantineRow)).scan(
                row_filter=EqualTo("stage", "register"), selected_fields=("quarantine_id",)
            )
            self.held_before = set(scan.to_arrow()["quarantine_id"].to_pylist())
        if identity in self.held_before:
            return
        self.held_before.add(identity)
        blob = ""
        if len(raw) > _INLINE:
            self.settings.blobs.mkdir(parents=True, exist_ok=True)
            blob = digest
            (self.settings.blobs / blob).write_bytes(raw)
        where = f"{path.name}:{row.line}" + (f", column {fault.column}" if fault.column else "")
        self.held.append(
            QuarantineRow(
                quarantine_id=identity,
                stage="register",
                source=self.mapping.source,
                facility=fault.facility,
                reason="contract",
                detail=f"{table.table} ({table.name}): {fault.what}\nwhere: {where}\ndo: {fault.do}"[:2000],
                landed=False,
                received_at=int(self.now.timestamp() * 1000),
                topic_partition=None,
                topic_offset=None,
                raw=raw[:_INLINE],
                raw_size=len(raw),
                raw_digest=digest,
                blob=blob,
            )
        )
        if len(self.held) >= BATCH:
            self.flush()


def _body(path: Path, mapping: Mapping) -> Iterator[Row]:
    rows = read_rows(path, mapping.file)
    next(rows)
    return rows
