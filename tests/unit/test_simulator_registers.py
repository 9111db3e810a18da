"""The simulator's registers: by contract, bitemporal, and with the oddities that real registers have."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest

from ingestion.contracts import REGISTERS
from ingestion.contracts.schemas import arrow_schema
from ingestion.sources.simulator import Scenario, live, registers

SCENARIO = Scenario()


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return registers(SCENARIO)


@pytest.fixture(scope="module")
def db(tables: dict[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for name, table in tables.items():
        connection.register(name, table)
    return connection


def one(db: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = db.sql(query).fetchone()
    assert row is not None
    return row[0]


def test_every_register_has_rows_of_its_contract(tables: dict[str, pa.Table]) -> None:
    assert set(tables) == set(REGISTERS)
    for name, table in tables.items():
        assert table.schema == arrow_schema(REGISTERS[name])
        # Answers are those of posts to alerts that were raised: nobody makes them up.
        assert (len(table) > 0) == (name != "alert_answer")
        for row in table.slice(0, 500).to_pylist():
            REGISTERS[name].model_validate(row)


def test_the_same_scenario_gives_the_same_tables(tables: dict[str, pa.Table]) -> None:
    assert all(table.equals(tables[name]) for name, table in registers(SCENARIO).items())


def test_a_key_is_known_once_at_a_time_and_never_after_the_start(tables: dict[str, pa.Table]) -> None:
    for name, table in tables.items():
        rows = table.select([*REGISTERS[name].KEY, "known_from"]).to_pylist()
        assert len({tuple(row.values()) for row in rows}) == len(rows), name
        assert all(row["known_from"] <= SCENARIO.known_at for row in rows)


def test_there_are_three_tiers_and_every_facility_has_a_city(db: duckdb.DuckDBPyConnection) -> None:
    assert db.sql("select tier, count(*) from admin_unit group by 1 order by 1").fetchall() == [
        ("city", 4),
        ("nation", 1),
        ("province", 2),
    ]
    assert one(db, "select count(*) from admin_unit u where parent not in (select unit from admin_unit)") == 0
    assert one(db, "select count(distinct facility) from facility where unit in (select unit from admin_unit)") == 8


def test_head_counts_agree_with_the_stays_and_some_days_are_missing(db: duckdb.DuckDBPyConnection) -> None:
    off = db.sql("""
        with latest as (
            select stay, facility, arg_max(admitted, known_from) a, arg_max(released, known_from) r,
                   max(released) r_any from stay group by 1, 2),
        counted as (select place, day, arg_max(population, known_from) n from population_count group by 1, 2)
        select count(*) from counted where n <> (
            select count(*) from latest where facility = place and a <= day and (r_any is null or r_any > day))
    """).fetchone()
    assert off == (0,)
    days = one(db, "select max(day) - min(day) + 1 from population_count")
    assert one(db, "select count(distinct (place, day)) from population_count") < 8 * days
    assert (
        one(db, "select min(n) from (select count(distinct day) n from population_count group by place)") <= days - 14
    )


def test_population_rises_while_accidents_fall(db: duckdb.DuckDBPyConnection) -> None:
    first, last = (
        one(db, f"select avg(population) from population_count where day between '{a}' and '{b}'")
        for a, b in (("2025-01-01", "2025-10-31"), ("2026-01-01", "2026-10-31"))
    )
    assert last > first
    incidents = [
        one(db, f"select count(distinct incident) from incident where happened between '{a}' and '{b}'")
        for a, b in (("2025-01-01", "2025-10-31"), ("2026-01-01", "2026-10-31"))
    ]
    assert incidents[1] < incidents[0]


def test_pending_deaths_are_classed_later_and_an_incident_is_withdrawn(db: duckdb.DuckDBPyConnection) -> None:
    assert one(db, "select count(*) from (select death from death group by 1 having count(distinct death_class) > 1)")
    assert one(db, "select count(*) from death where death_class in ('self_inflicted', 'accident', 'homicide')")
    assert one(db, "select count(distinct incident) from incident where withdrawn") >= 8
    assert (
        one(
            db, "select count(*) from death d where subject not in (select subject from stay where release_kind='died')"
        )
        == 0
    )


def test_one_facility_is_over_its_capacity(db: duckdb.DuckDBPyConnection) -> None:
    assert (
        one(
            db,
            """select count(*) from (select facility, arg_max(capacity, known_from) c from facility group by 1) f
               where c < (select avg(population) from population_count where place = f.facility)""",
        )
        == 1
    )


def test_inspections_are_missed_findings_recur_and_some_orders_are_overdue(db: duckdb.DuckDBPyConnection) -> None:
    assert one(
        db,
        """select count(*) from (select inspection, max(performed) p, any_value(scheduled) s
        from inspection group by 1) where p is null and s < date '2026-10-01'""",
    )
    latest = "(select rectification, max(closed) c, any_value(due) d from rectification_order group by 1)"
    assert one(db, f"select count(*) from {latest} where c > d")
    assert one(db, f"select count(*) from {latest} where c is null and d < date '2026-11-01'")
    assert one(
        db,
        """select count(*) from rectification_order a join finding f using (facility, category)
        where a.closed is not null and f.found > a.closed and f.found - a.closed <= 90""",
    )


def test_the_people_of_the_live_part_are_in_the_stay_register(db: duckdb.DuckDBPyConnection) -> None:
    from ingestion.contracts import EVENTS
    from ingestion.contracts.schemas import event_decoder

    decoder = event_decoder(EVENTS.values())
    live_people = {
        event.subject
        for event in (decoder.decode(r.value) for r in live(Scenario(live_seconds=1)) if r.source == "platform")
        if type(event).__name__ == "PersonContext" and event.role == "detainee"
    }
    held = {s for (s,) in db.sql("select subject from stay group by 1 having max(released) is null").fetchall()}
    assert live_people <= held
