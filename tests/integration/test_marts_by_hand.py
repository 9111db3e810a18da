"""A small lake whose figures were worked out by hand: built, audited, published, corrected, refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from batch_jobs.marts.build import Build, build_marts
from infra.settings import Settings, load_settings
from ingestion.contracts import (
    AdminUnit,
    Alert,
    Contract,
    Death,
    Facility,
    LandingCount,
    PopulationCount,
    QuarantineRow,
    ReceivedRecord,
    RectificationOrder,
    RiskScore,
    Stay,
    StreamLedger,
)
from quality.gate import GateResult, run_gate
from tests.support.lake import fill, learnt

REGISTER = "register"


def country() -> list[Contract]:
    """A nation, two provinces, a city each; F1 and F2 in 3301, F3 in 4401."""
    known = {"known_from": learnt("2025-01-01"), "source": REGISTER}
    units = [
        ("00", "nation", None, "Nation", "全国"),
        ("33", "province", "00", "Zhejiang", "浙江省"),
        ("44", "province", "00", "Guangdong", "广东省"),
        ("3301", "city", "33", "Hangzhou", "杭州市"),
        ("4401", "city", "44", "Guangzhou", "广州市"),
    ]
    facilities = [("330101", "3301", 20), ("330102", "3301", 40), ("440101", "4401", None)]
    return [
        *(AdminUnit(unit=u, tier=t, parent=p, name_en=e, name_zh=z, **known) for u, t, p, e, z in units),  # type: ignore[arg-type]
        *(
            Facility(
                facility=f, unit=u, name_en=f"Facility {f}", name_zh=f"监所{f}", facility_type="detention_centre",
                capacity=c, opened=date(2000, 1, 1), **known,  # type: ignore[arg-type]
            )
            for f, u, c in facilities
        ),
    ]  # fmt: skip


def stay(name: str, facility: str, admitted: str, released: str | None = None, kind: str = "released") -> Stay:
    """A stay that was learnt on the day of its last event."""
    return Stay(
        stay=name,
        facility=facility,
        subject=f"person-{name}",
        admitted=date.fromisoformat(admitted),
        released=date.fromisoformat(released) if released else None,
        release_kind=kind if released else "open",  # type: ignore[arg-type]
        known_from=learnt(released or admitted),
        source=REGISTER,
    )


def death(name: str, facility: str, died: str, death_class: str, known: str, **more: Any) -> Death:
    """A death as it was learnt on a day."""
    day = date.fromisoformat(died)
    return Death(
        death=name, facility=facility, died=day, year=day.year, death_class=death_class,  # type: ignore[arg-type]
        known_from=learnt(known), source=REGISTER, **more,
    )  # fmt: skip


def registers() -> list[Contract]:
    """Thirteen months, January 2025 to January 2026.

    330101 holds ten people all the time. 330102 holds four from 15 February 2025 on, and one more in January 2026, who
    moved there from 330101's eleventh place on 11 January. 440101 reports head counts only: 100 in every month, on
    one day, but for March 2025, in which it reported nothing.
    """
    rows: list[Contract] = [stay(f"a{n}", "330101", "2025-01-01") for n in range(10)]
    rows += [stay(f"b{n}", "330102", "2025-02-15") for n in range(4)]
    rows += [
        stay("move", "330101", "2026-01-01", "2026-01-11", "transferred"),
        stay("move2", "330102", "2026-01-11", "2026-01-31"),
    ]
    rows += [
        PopulationCount(
            place="440101", place_kind="facility", day=date(2025 + n // 12, n % 12 + 1, 5), population=100,
            known_from=learnt(f"{2025 + n // 12}-{n % 12 + 1:02d}-05"), source=REGISTER,
        )
        for n in range(13)
        if n != 2
    ]  # fmt: skip
    # A count of another facility on the last day closes the month for all.
    rows.append(
        PopulationCount(
            place="330101", place_kind="facility", day=date(2026, 1, 31), population=10,
            known_from=learnt("2026-01-31"), source=REGISTER,
        )
    )  # fmt: skip
    rows += [
        death("d1", "330101", "2025-06-10", "illness", "2025-06-11"),
        death("d2", "330101", "2025-09-10", "pending", "2025-09-11"),
        death("d2", "330101", "2025-09-10", "self_inflicted", "2025-12-01"),
        death("d3", "440101", "2025-10-10", "illness", "2025-10-11", place="hospital"),
        death("d4", "330102", "2025-11-20", "pending", "2025-11-21"),
        death("d5", "330102", "2025-11-20", "illness", "2025-11-21"),
        death("d5", "330102", "2025-11-20", "illness", "2026-01-10", withdrawn=True),
    ]
    return rows


def stream() -> list[Contract]:
    """Three records offered: one withheld by the landing, one accepted, one quarantined; two alerts; five scores."""
    at = 1_769_850_000_000
    quarantined: dict[str, Any] = {
        "source": "test", "received_at": at, "raw": b"x", "raw_size": 1, "raw_digest": "0" * 32, "blob": "",
        "landed": False, "detail": "made for a test",
    }  # fmt: skip
    alert: dict[str, Any] = {
        "rule": "int-01", "rule_version": 1, "mode": "active", "verdict": "violation", "facility": "330101",
        "zone": "r1", "severity": "major", "accountable": "leader", "explanation": "{}", "onset": at,
        "raised_at": at + 30_000,
    }  # fmt: skip
    later = alert | {"raised_at": at + 60_000}
    score: dict[str, Any] = {
        "facility": "330101", "grain": "person", "mode": "active", "at": at, "score": 1.0, "scorecard": "s1",
        "contributions": "[]", "unknown": [], "changed_zh": "", "changed_en": "",
    }  # fmt: skip
    return [
        LandingCount(source="test", run="r", part=0, at=at, offered=3, landed=2, quarantined=1),
        *(
            ReceivedRecord(
                topic_partition=0, topic_offset=n, received_at=at, source="test", record_key=b"330101", payload=b"{}"
            )
            for n in range(2)
        ),
        StreamLedger(
            facility="330101", source="test", topic_partition=0, offset_from=0, offset_to=1, records=2, accepted=1,
            late=0, quarantined=1, observations=0, clock=at,
        ),
        QuarantineRow(quarantine_id="q1", stage="landing", facility="", reason="no_key", **quarantined),
        QuarantineRow(quarantine_id="q2", stage="stream", facility="330101", reason="contract", **quarantined),
        # The step of clearing is written twice, as an at-least-once sink may.
        Alert(alert_id="x1", step="raised", cleared=None, subjects=["person-a1"], **alert),
        Alert(alert_id="x1", step="cleared", cleared=at + 90_000, subjects=["person-a1"], **alert),
        Alert(alert_id="x1", step="cleared", cleared=at + 90_000, subjects=["person-a1"], **alert),
        Alert(alert_id="x2", step="raised", cleared=None, subjects=["person-a1"], **later),
        *(
            RiskScore(
                risk_id=f"k{n}",
                subject=f"person-a{n}",
                level="low" if n < 3 else "high",
                expires=at + 3_600_000,
                **score,
            )
            for n in range(5)
        ),
        # Its score expired before the facility's last event.
        RiskScore(risk_id="k9", subject="person-a9", level="high", expires=at + 1000, **score),
        # Neither a facility's risk nor that of a card in shadow is a person's level.
        RiskScore(risk_id="f1", subject="330101", level="high", expires=at + 900_000, **{**score, "grain": "facility"}),
        RiskScore(risk_id="s1", subject="person-a8", level="high", expires=at + 900_000, **{**score, "mode": "shadow"}),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Build, GateResult]:
    """The lake built with the models' unit tests, audited and published."""
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    fill(settings, *country(), *registers(), *stream())
    built = build_marts(settings, unit_tests=True)
    return settings, built, run_gate(settings)


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    """Rows of the published file, read as the dashboards do: only for reading, and nothing else reachable."""
    with duckdb.connect(str(settings.published_db), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_all_models_checks_and_hand_worked_unit_tests_pass(published: tuple[Settings, Build, GateResult]) -> None:
    _, built, gate = published
    assert built.models > 50
    assert built.checks > 60
    assert [f"{c.text} {c.found} {c.rows}" for c in gate.failed] == []
    assert gate.published


def test_average_daily_population_is_person_days_by_calendar_days(
    published: tuple[Settings, Build, GateResult],
) -> None:
    settings, *_ = published
    found = {
        (unit, f"{month:%Y-%m}"): values
        for unit, month, *values in rows(
            settings, "select unit, month, person_days, days_missing, adp, occupancy_pct from publication.population"
        )
    }
    assert len({month for _, month in found}) == 13
    assert found["330101", "2025-02"] == [280, 0, 10.0, 50.0]
    # It operated from 2000 on, but its register begins in February: four people for 14 of 28 days.
    assert found["330102", "2025-02"] == [56, 0, 2.0, 5.0]
    # Ten days of January for who moved are in the one facility, twenty in the other, and none is lost or twice.
    assert found["330101", "2026-01"] == [320, 0, round(320 / 31, 4), round(100 * 320 / 620, 4)]
    assert found["330102", "2026-01"] == [4 * 31 + 20, 0, round(144 / 31, 4), round(100 * 144 / 1240, 4)]
    assert found["3301", "2026-01"] == [464, 0, round(464 / 31, 4), round(100 * 464 / 1860, 4)]
    # One known day of 31 stands for its month; occupancy is not known without a capacity.
    assert found["440101", "2025-01"] == [100, 30, 100.0, None]
    # A month without any count is missing: not a population of zero.
    assert found["440101", "2025-03"] == [None, 31, None, None]
    assert found["00", "2025-03"] == [14 * 31, 31, 14.0, round(100 * 14 / 60, 4)]


def test_deaths_are_counted_where_the_person_was_held_and_bounded_by_what_is_pending(
    published: tuple[Settings, Build, GateResult],
) -> None:
    settings, *_ = published
    query = (
        "select unit, deaths_12m, deaths_12m_in_rate, unnatural_low_12m, unnatural_high_12m, adp_12m, "
        "rate_per_1000_12m, rate_low, rate_high, rate_flag from publication.deaths where month = '2026-01-01'"
    )
    found = {unit: values for unit, *values in rows(settings, query)}
    # d1, d2 (self-inflicted since December); two events make no rate.
    assert found["330101"][:4] == [2, 2, 1, 1]
    assert found["330101"][5:] == [None, None, None, "too_few_events"]
    # d4 is pending; d5 was taken back.
    assert found["330102"][:4] == [1, 1, 0, 1]
    # February 2025 to January 2026: 365 days.
    days_330101 = 10 * 365 + 10
    days_330102 = 4 * (365 - 14) + 20
    days_440101 = 100 * (365 - 31)
    adp = (days_330101 + days_330102 + days_440101) / 365
    assert found["00"][:5] == [4, 4, 1, 2, round(adp, 4)]
    assert found["00"][5:] == [
        pytest.approx(1000 * 4 / adp, abs=1e-4),
        pytest.approx(1000 * 1.089865 / adp, abs=1e-4),
        pytest.approx(1000 * 10.241589 / adp, abs=1e-4),
        "unreliable",
    ]
    monthly = rows(
        settings,
        "select unit, deaths_total, deaths_off_site from publication.deaths "
        "where tier = 'facility' and facility = '440101' and month in ('2025-03-01', '2025-10-01') order by month",
    )
    assert monthly == [("440101", None, None), ("440101", 1, 1)]


def test_rows_carry_the_codes_of_their_tier(published: tuple[Settings, Build, GateResult]) -> None:
    settings, *_ = published
    found = rows(
        settings,
        "select distinct tier, unit, unit_name_zh, province, city, facility from publication.population "
        "where province = '33' or tier = 'nation' order by unit",
    )
    assert found == [
        ("nation", "00", "全国", None, None, None),
        ("province", "33", "浙江省", "33", None, None),
        ("city", "3301", "杭州市", "33", "3301", None),
        ("facility", "330101", "监所330101", "33", "3301", "330101"),
        ("facility", "330102", "监所330102", "33", "3301", "330102"),
    ]


def test_alerts_are_merged_and_say_nothing_of_persons(published: tuple[Settings, Build, GateResult]) -> None:
    settings, *_ = published
    found = rows(
        settings,
        "select alert_id, rule_title_zh, status, duration_s, facility from publication.alerts order by alert_id",
    )
    assert found == [("x1", "单人提审", "cleared", 90.0, "330101"), ("x2", "单人提审", "open", None, "330101")]
    hours = rows(settings, "select tier, alerts, open_alerts from publication.alerts_by_rule_hour order by tier")
    assert hours == [("city", 2, 1), ("facility", 2, 1), ("nation", 2, 1), ("province", 2, 1)]
    # One person is high and three are low. With four held and three shown to be low, the one would be plain.
    levels = rows(settings, "select level, persons, withheld from publication.risk_levels order by level")
    assert ("high", None, "persons") in levels
    assert sum(withheld == "persons" for *_, withheld in levels) >= 2
    content = settings.published_db.read_bytes()
    assert b"person-" not in content


def test_the_counts_of_a_source_are_balanced_and_quarantine_is_summed_up(
    published: tuple[Settings, Build, GateResult],
) -> None:
    settings, *_ = published
    assert rows(
        settings,
        "select source, offered, landed, quarantined_landing, received, accepted, quarantined_stream, balanced "
        "from publication.count_reconciliation",
    ) == [("test", 3, 2, 1, 2, 1, 1, True)]
    assert rows(
        settings, "select tier, facility, stage, reason, records from publication.quarantine_summary order by stage"
    ) == [("nation", None, "landing", "no_key", 1), ("facility", "330101", "stream", "contract", 1)]
    counts = dict(rows(settings, "select table_name, row_count from publication.layer_counts"))
    assert counts["bronze.received"] == 2
    assert counts["register.death"] == 7
    assert counts["publication.alerts"] == 2


def test_the_published_file_says_how_far_it_reaches(published: tuple[Settings, Build, GateResult]) -> None:
    settings, built, _ = published
    query = "select data_from, data_until, knowledge_date, run_id, gate_status, note_zh from publication.freshness"
    assert rows(settings, query) == [
        (date(2025, 1, 1), date(2026, 1, 31), date(2026, 1, 31), built.run_id, "passed", "审核通过")
    ]
    with duckdb.connect(str(settings.published_db), read_only=True) as connection:
        schemas = {r[0] for r in connection.execute("select distinct schema_name from duckdb_tables()").fetchall()}
    assert schemas == {"publication"}


def test_superset_s_own_environment_can_read_the_file(published: tuple[Settings, Build, GateResult]) -> None:
    settings, *_ = published
    python = Path(__file__).resolve().parents[2] / ".venv-superset" / "bin" / "python"
    if not python.exists():
        pytest.skip("the environment of Superset is not set up here (make setup)")
    code = f"import duckdb; c = duckdb.connect({str(settings.published_db)!r}, read_only=True); " + (
        "print(c.execute('select count(*) from publication.freshness').fetchone()[0])"
    )
    assert subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout == "1\n"


def test_figures_can_be_had_as_they_were_known_on_a_day(
    published: tuple[Settings, Build, GateResult], tmp_path: Path
) -> None:
    """As known on 30 November 2025: d2 still pending, d5 not yet taken back, nothing after November."""
    before = published[0]
    settings = load_settings(home=tmp_path)
    settings.lake.symlink_to(before.lake)
    build_marts(settings, as_known_on=date(2025, 11, 30))
    with duckdb.connect(str(settings.marts_db), read_only=True) as connection:
        query = (
            "select unit, sum(deaths_total), sum(deaths_pending), sum(unnatural_low), sum(unnatural_high), max(month) "
            "from publication.deaths where tier in ('nation', 'facility') group by unit order by unit"
        )
        found = {unit: values for unit, *values in connection.execute(query).fetchall()}
        freshness = connection.execute("select data_until, knowledge_date from publication.freshness").fetchall()
    # The last news by then was of 21 November: November was not whole yet, and its deaths are not published.
    assert freshness == [(date(2025, 11, 20), date(2025, 11, 21))]
    assert found["00"] == [3, 1, 0, 1, date(2025, 10, 1)]
    assert found["330101"] == [2, 1, 0, 1, date(2025, 10, 1)]


def test_a_failed_audit_keeps_the_published_figures_and_marks_them(
    published: tuple[Settings, Build, GateResult],
) -> None:
    settings, *_ = published
    figures = "select * from publication.population order by all"
    before = rows(settings, figures)
    # A source offers ten records; nine land, and nobody knows of the tenth. A death is added, too.
    fill(
        settings,
        LandingCount(source="leaky", run="r", part=0, at=1, offered=10, landed=9, quarantined=0),
        death("d6", "330101", "2026-01-15", "illness", "2026-01-31"),
    )
    environment = {"SAFEHOLD_HOME": str(settings.home)}
    build_marts(settings)
    done = safehold(environment, "marts", "publish")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "offered, landed, received" in done.stderr
    assert rows(settings, figures) == before
    assert rows(settings, "select sum(deaths_total) from publication.deaths where tier = 'nation'") == [(4,)]
    status = rows(settings, "select gate_status, gate_failed_checks, note_zh from publication.freshness")
    assert status == [("failed", 1, "审核未通过，当前显示上次发布的数据（截至2026-01-31）")]
    report = json.loads((settings.marts / "gate.json").read_text(encoding="utf-8"))
    assert not report["passed"]
    assert report["failed"][0]["rows"][0]["source"] == "leaky"
    assert "10 / 9" in report["failed"][0]["rows"][0]["difference"]


def test_a_failed_build_marks_the_published_figures_and_names_the_check(
    published: tuple[Settings, Build, GateResult],
) -> None:
    settings, *_ = published
    # Past its contract, as a writer might that does not ask it: nobody has words for this category.
    order: dict[str, Any] = {"rectification": "o1", "finding": "f1", "facility": "330101", "category": "plumbing"}
    days = {"ordered": date(2026, 1, 20), "due": date(2026, 2, 20), "known_from": learnt("2026-01-21")}
    fill(settings, RectificationOrder.model_construct(**order, **days, listed=False, source=REGISTER))
    done = safehold({"SAFEHOLD_HOME": str(settings.home)}, "marts", "build")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "accepted_values_rectification_category" in done.stderr
    status = rows(settings, "select gate_status, gate_failed_checks, note_zh from publication.freshness")
    assert status == [("failed", None, "生成失败，当前显示上次发布的数据（截至2026-01-31）")]
    # What a broken build left behind is not published either.
    done = safehold({"SAFEHOLD_HOME": str(settings.home)}, "marts", "publish")
    assert done.returncode == 2
    assert "did not end well" in done.stderr


def safehold(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "infra.cli", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )


def test_publishing_without_a_build_is_the_users_fault_and_says_what_to_do(tmp_path: Path) -> None:
    done = safehold({"SAFEHOLD_HOME": str(tmp_path)}, "marts", "publish")
    assert done.returncode == 2
    assert "safehold marts build" in done.stderr


def test_a_knowledge_date_that_is_no_date_is_the_users_fault(tmp_path: Path) -> None:
    done = safehold({"SAFEHOLD_HOME": str(tmp_path)}, "marts", "build", "--as-known-on", "31.3.2026")
    assert done.returncode == 2
    assert "--as-known-on" in done.stderr
