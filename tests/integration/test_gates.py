"""A broken source of each kind: the gate refuses it, names the rows, and the dashboards keep the figures of before."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.expressions import EqualTo, GreaterThan

from batch_jobs.marts.build import build_marts
from infra.settings import Settings, append_rows, load_settings, open_catalog, table_name
from ingestion.contracts import (
    Contract,
    Death,
    Facility,
    Finding,
    Incident,
    LandingCount,
    PopulationCount,
    RiskScore,
    Stay,
    StreamLedger,
)
from ingestion.contracts.schemas import arrow_schema
from ingestion.sources.simulator import Scenario, write_registers
from quality.gate import data_docs, gate_report, publish, run_gate
from tests.support.built import differences, publication
from tests.support.lake import fill, learnt

BROKEN = "broken"
"""Source of all rows that these tests break the lake with; they are taken out again by it."""

MS = 1_764_000_000_000
"""24 November 2025, 16:00 UTC: within the registers."""

Break = Callable[[Settings], None]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small country, built and published."""
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    write_registers(settings, Scenario(seed=11, provinces=1, cities_per_province=1, facilities_per_city=2, months=13))
    fill(settings, ledger("330101", MS))
    build_marts(settings)
    publish(settings)
    return settings


def ledger(facility: str, clock: int, source: str = "sensors") -> StreamLedger:
    return StreamLedger(
        facility=facility, source=source, topic_partition=0, offset_from=0, offset_to=0, records=0, accepted=0, late=0,
        quarantined=0, observations=0, clock=clock,
    )  # fmt: skip


def newest(settings: Settings, model: type[Contract], **match: Any) -> dict[str, Any]:
    """The version of a row that was learnt last."""
    rows = open_catalog(settings).load_table(table_name(model)).scan().to_arrow().to_pylist()
    found = [row for row in rows if all(row[name] == value for name, value in match.items())]
    return max(found, key=lambda row: (row["known_from"], str(row)))


def unchecked(settings: Settings, model: type[Contract], **values: Any) -> None:
    """Append a row that the contract would refuse, as a writer might that does not ask it."""
    given = newest(settings, model) | {"source": BROKEN, "known_from": learnt("2026-11-01")} | values
    append_rows(open_catalog(settings), model, pa.Table.from_pylist([given], schema=lenient(model)))


def lenient(model: type[Contract]) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in arrow_schema(model)])


def lose_a_record(settings: Settings) -> None:
    fill(settings, LandingCount(source=BROKEN, run="r", part=0, at=1, offered=10, landed=9, quarantined=0))


def lack_a_demanded_value(settings: Settings) -> None:
    unchecked(settings, Incident, incident="nameless", family=None)


def count_below_zero(settings: Settings) -> None:
    unchecked(settings, Incident, incident="negative", detainees_involved=-500)


def hold_a_person_twice(settings: Settings) -> None:
    stay = newest(settings, Stay, released=None)
    fill(settings, Stay.model_validate(stay | {"stay": "twice", "source": BROKEN, "known_from": learnt("2026-11-01")}))


def name_an_unknown_facility(settings: Settings) -> None:
    unchecked(settings, Death, death="elsewhere", facility="999999")


def name_an_unknown_inspection(settings: Settings) -> None:
    unchecked(settings, Finding, finding="of nothing", inspection="never made")


def lose_a_facilitys_counts(settings: Settings) -> None:
    """A retention job run wild: rows that were published are gone."""
    table = open_catalog(settings).load_table(table_name(PopulationCount))
    table.delete(EqualTo("place", "330102"))


def fall_silent(settings: Settings) -> None:
    """Nine in ten admissions of the newest whole month never arrive: taken back as of another year."""
    table = open_catalog(settings).load_table(table_name(Stay)).scan().to_arrow().to_pylist()
    latest = {row["stay"]: row for row in sorted(table, key=lambda row: row["known_from"])}
    month = [row for row in latest.values() if row["admitted"] >= date(2026, 10, 1) and row["admitted"].month == 10]
    known = {"known_from": learnt("2026-11-20"), "source": BROKEN}
    moved = [row | known | {"admitted": row["admitted"].replace(day=1, month=9)} for row in month[len(month) // 10 :]]
    append_rows(open_catalog(settings), Stay, pa.Table.from_pylist(moved, schema=arrow_schema(Stay)))


def stand_still(settings: Settings) -> None:
    """The import of head counts stops in April, unnoticed; all others go on."""
    table = open_catalog(settings).load_table(table_name(PopulationCount))
    table.delete(GreaterThan("known_from", learnt("2026-04-30").isoformat()))


def lag_behind_live_events(settings: Settings) -> None:
    fill(settings, ledger("330101", MS + 500 * 86_400_000, source=BROKEN))


def send_from_a_closed_facility(settings: Settings) -> None:
    """The register closes a facility in which the sensors saw life later; nobody is registered there any more."""
    facility = newest(settings, Facility, facility="330101")
    known = {"known_from": learnt("2026-11-01"), "source": BROKEN}
    fill(settings, Facility.model_validate(facility | known | {"facility": "330109", "closed": date(2025, 1, 1)}))
    fill(settings, ledger("330109", MS, source=BROKEN))


def observe_the_dead(settings: Settings) -> None:
    death = newest(settings, Death)
    at = int(datetime.combine(death["died"], time(), UTC).timestamp() * 1000) + 5 * 86_400_000
    seen: dict[str, Any] = {"facility": "330101", "at": at, "expires": at + 1, "score": 1.0, "scorecard": BROKEN}
    said: dict[str, Any] = {"level": "low", "contributions": "[]", "unknown": [], "changed_zh": "", "changed_en": ""}
    fill(settings, RiskScore(risk_id=BROKEN, grain="person", subject=death["subject"], mode="active", **seen, **said))


Fault = tuple[str, str, Break]
"""The suite that finds it, what the rows in its report name, and how to bring it about."""

WRONG_ROWS: dict[str, Fault] = {
    "a record is lost": ("reconciliation", BROKEN, lose_a_record),
    "a demanded value is missing": ("schema", "nameless", lack_a_demanded_value),
    "a count is negative": ("registers", "negative", count_below_zero),
    "a person is in two stays": ("registers", "twice", hold_a_person_twice),
    "a facility is unknown": ("references", "elsewhere", name_an_unknown_facility),
    "a finding is of no inspection": ("references", "of nothing", name_an_unknown_inspection),
    "all registers stand still": ("live", "data_until", lag_behind_live_events),
    "a closed facility is alive": ("live", "330109", send_from_a_closed_facility),
    "a dead person is observed": ("live", "seen_ms", observe_the_dead),
}
MISSING_ROWS: dict[str, Fault] = {
    "published rows are gone": ("history", "register.population_count", lose_a_facilitys_counts),
    "a month's admissions are missing": ("history", "usual", fall_silent),
    "one register stands still": ("freshness", "days_without", stand_still),
}


@pytest.fixture
def mended(instance: Settings) -> Any:
    """Takes out afterwards what a test broke."""
    catalog = open_catalog(instance)
    counts = catalog.load_table(table_name(PopulationCount)).scan().to_arrow()
    yield
    for model in (Stay, Death, Facility, Finding, Incident, LandingCount, StreamLedger):
        catalog.load_table(table_name(model)).delete(EqualTo("source", BROKEN))
    catalog.load_table(table_name(RiskScore)).delete(EqualTo("scorecard", BROKEN))
    held = catalog.load_table(table_name(PopulationCount))
    if held.scan().to_arrow().num_rows != counts.num_rows:
        held.overwrite(counts)


@pytest.mark.parametrize("faults", [WRONG_ROWS, MISSING_ROWS], ids=["wrong rows", "missing rows"])
def test_a_broken_source_never_reaches_the_dashboards(
    faults: dict[str, Fault], instance: Settings, mended: None
) -> None:
    """All faults of a kind at once, for time; each must be found by itself, and any one closes the gate."""
    before = publication(instance.published_db)
    for _, _, make in faults.values():
        make(instance)
    build_marts(instance)
    assert not run_gate(instance).published
    failed = json.loads(gate_report(instance).read_text())["failed"]
    assert all(check["rows"] for check in failed), "the rows at fault are named"
    named: dict[str, str] = {}
    for check in failed:
        named[check["suite"]] = named.get(check["suite"], "") + json.dumps(check["rows"])
    assert [name for name, (suite, row, _) in faults.items() if row not in named.get(suite, "")] == []
    after = publication(instance.published_db)
    (columns, [status]) = after.pop("freshness")
    before.pop("freshness")
    assert differences(before, after) == {}
    said = dict(zip([name for name, _ in columns], status, strict=True))
    assert said["gate_status"] == "failed"
    assert "上次发布" in said["note_zh"]
    for check in failed:
        page = (data_docs(instance) / f"{check['suite']}.html").read_text(encoding="utf-8")
        assert check["text"].split(":")[0] in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert "https://" not in page


def test_a_mass_correction_is_published_with_its_reason_and_never_without(instance: Settings, mended: None) -> None:
    lose_a_facilitys_counts(instance)
    build_marts(instance)
    assert {check.suite for check in run_gate(instance).failed} == {"history"}
    assert run_gate(instance, "the second facility counted twice").published
    (columns, [status]) = publication(instance.published_db)["freshness"]
    said = dict(zip([name for name, _ in columns], status, strict=True))
    assert said["note_zh"] == "审核通过；修订：the second facility counted twice"


def test_a_mended_source_is_published_and_no_longer_marked(instance: Settings) -> None:
    build_marts(instance)
    gate = run_gate(instance)
    assert [f"{check.text} {check.rows[:2]}" for check in gate.failed] == []
    (columns, [status]) = publication(instance.published_db)["freshness"]
    assert dict(zip([name for name, _ in columns], status, strict=True))["gate_status"] == "passed"
    assert (data_docs(instance) / "index.html").is_file()
