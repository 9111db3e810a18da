"""Importing registers of what staff owe: times of another zone, words for yes and no, faults with their line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.settings import load_settings, open_catalog
from ingestion.registers import import_files, load_mapping

HEAD = """\
mapping: duties
about: Duties as a province's office exports them.
source: 省厅勤务系统
file: {encoding: utf-8, nulls: [""]}
tables:
"""
ZONE = 'dates: ["%Y-%m-%d %H:%M"], timezone: Asia/Shanghai'
CASES: dict[str, tuple[str, str, list[dict[str, Any]], str]] = {
    "patrol_visit": (
        f"""\
      visit: {{id: [监所, 区域, 应巡时间]}}
      facility: 监所
      zone: 区域
      scheduled: {{column: 应巡时间, {ZONE}}}
      tolerance_minutes: {{value: 10}}
      visited: {{column: 实巡时间, {ZONE}}}
      observable: {{column: 可查证}}
""",
        "监所,区域,应巡时间,实巡时间,可查证\n"
        "330101,c1,2026-03-01 21:30,2026-03-01 21:36,是\n"
        "330101,c1,2026-03-01 22:00,,否\n"
        "330101,c1,2026-03-01 22:30,2026-03-01 22:31,否\n",
        [
            {
                "scheduled": datetime(2026, 3, 1, 13, 30, tzinfo=UTC),
                "visited": datetime(2026, 3, 1, 13, 36, tzinfo=UTC),
            },
            {"scheduled": datetime(2026, 3, 1, 14, 0, tzinfo=UTC), "visited": None, "observable": False},
        ],
        "observable: Value error, a visit that was seen was observable",
    ),
    "complaint_record": (
        """\
      complaint: 编号
      facility: 监所
      category: {column: 类别, map: {医疗: medical, 打骂: force}, otherwise: other}
      about_staff: {column: 涉警}
      received: {column: 收到, dates: ["%Y-%m-%d"]}
      due: {column: 期限, dates: ["%Y-%m-%d"]}
      answered: {column: 答复, dates: ["%Y-%m-%d"]}
      outcome: {column: 结果, map: {属实: upheld, 不属实: not_upheld}, when_null: open}
""",
        "编号,监所,类别,涉警,收到,期限,答复,结果\n"
        "T1,330101,医疗,否,2026-03-01,2026-03-16,2026-03-10,不属实\n"
        "T2,330101,打骂,是,2026-03-05,2026-03-20,,\n"
        "T3,330101,打骂,是,2026-03-05,2026-03-20,2026-03-01,属实\n",
        [
            {"complaint": "T1", "category": "medical", "answered": date(2026, 3, 10), "outcome": "not_upheld"},
            {"complaint": "T2", "about_staff": True, "answered": None, "outcome": "open"},
        ],
        "answered: Value error, the answer 2026-03-01 lies before the receipt 2026-03-05",
    ),
    "lawyer_request": (
        f"""\
      request: 编号
      facility: 监所
      waits_from: {{column: 申请时间, {ZONE}}}
      met: {{column: 会见时间, {ZONE}}}
      lapsed: {{column: 撤销时间, {ZONE}}}
""",
        "编号,监所,申请时间,会见时间,撤销时间\n"
        "L1,330101,2026-03-01 09:00,2026-03-02 15:00,\n"
        "L2,330101,2026-03-01 09:00,,\n"
        "L3,330101,2026-03-01 09:00,2026-03-02 15:00,2026-03-02 10:00\n",
        [
            {"request": "L1", "met": datetime(2026, 3, 2, 7, 0, tzinfo=UTC), "lapsed": None},
            {"request": "L2", "waits_from": datetime(2026, 3, 1, 1, 0, tzinfo=UTC), "met": None},
        ],
        "lapsed: Value error, a request that was met is not lapsed",
    ),
    "custody_day": (
        """\
      facility: 监所
      day: {column: 日期, dates: ["%Y-%m-%d"]}
      persons: {column: 在押}
      solitary: {column: 单独关押}
      solitary_unknown: {column: 不明}
      prolonged: {value: 0}
      outside_short: {column: 放风不足}
      outside_unknown: {column: 不明}
""",
        "监所,日期,在押,单独关押,不明,放风不足\n"
        "330101,2026-03-01,412,3,20,15\n"
        "330101,2026-03-02,410,0,0,0\n"
        "330101,2026-03-03,10,3,8,0\n",
        [
            {"day": date(2026, 3, 1), "persons": 412, "solitary": 3, "outside_unknown": 20},
            {"day": date(2026, 3, 2), "solitary": 0},
        ],
        "solitary_unknown: Value error, more than the 10 persons of the day",
    ),
    "incident": (
        f"""\
      incident: 编号
      facility: 监所
      happened: {{column: 时间, {ZONE}}}
      family: {{value: violence}}
      incident_type: {{column: 类型, map: {{打架: fight, 袭警: assault_on_staff}}}}
      severity: {{value: minor}}
""",
        "编号,监所,时间,类型\nS1,330101,2026-03-01 07:59,打架\nS2,330101,2026-03-01 12:00,袭警\n"
        "S3,330101,2026-03-01 12:00,quarrel\n",
        [
            {"incident": "S1", "incident_type": "fight", "happened": datetime(2026, 2, 28, 23, 59, tzinfo=UTC)},
            {"incident": "S2", "incident_type": "assault_on_staff"},
        ],
        "incident_type: Value error, no such type in the family violence; it has fight,",
    ),
}


@pytest.mark.parametrize("table", CASES)
def test_good_rows_are_imported_and_a_faulty_one_is_held_with_its_line(tmp_path: Path, table: str) -> None:
    fields, body, expected, fault = CASES[table]
    mapping, file = tmp_path / "duties.yaml", tmp_path / "duties.csv"
    mapping.write_text(f"{HEAD}  - table: {table}\n    name: rows\n    fields:\n{fields}", encoding="utf-8")
    file.write_text(body, encoding="utf-8")
    settings = load_settings(home=tmp_path / "home")
    report = import_files(settings, load_mapping(mapping), [file], now=datetime(2026, 4, 1, tzinfo=UTC))
    assert [(count.read, count.new, count.quarantined) for count in report.counts] == [(3, 2, 1)]
    catalog = open_catalog(settings)
    rows = catalog.load_table(f"register.{table}").scan().to_arrow().to_pylist()
    for row, wanted in zip(rows, expected, strict=True):
        assert row.items() >= wanted.items()
    (held,) = catalog.load_table("silver.quarantine").scan().to_arrow().to_pylist()
    assert fault in held["detail"]
    assert "where: duties.csv:4" in held["detail"]
