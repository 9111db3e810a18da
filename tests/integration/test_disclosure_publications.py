"""Readers who compare: one answer of the dashboards less another, one publication less the one before."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from batch_jobs.disclosure.job import disclose
from batch_jobs.disclosure.policy import load_structure
from batch_jobs.marts.build import build_marts
from infra.settings import Settings, load_settings
from ingestion.sources.simulator import Scenario, write_registers
from quality.attack.gate import attacked, keep_published
from quality.attack.reader import find
from quality.attack.statements import Reader, attack
from quality.gate import run_gate
from tests.support.filter_attack import ask, told

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Marts of a small country over 15 months, not yet published."""
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    write_registers(settings, Scenario(seed=11, provinces=2, cities_per_province=2, facilities_per_city=1, months=15))
    build_marts(settings)
    return settings


def copied(settings: Settings, home: Path) -> Settings:
    """The built marts in an instance that has published nothing."""
    other = load_settings(home=home)
    other.marts.mkdir(parents=True)
    for name in (settings.marts_db.name, "build.json"):
        shutil.copy(settings.marts / name, other.marts / name)
    shutil.copytree(settings.disclosure, other.disclosure)
    return other


def tables(path: Path, schema: str) -> Tables:
    """The tables under disclosure control, and the population."""
    with duckdb.connect(str(path), read_only=True) as connection:
        shown = {name: connection.execute(f"select * from {schema}.{name}").df() for name in load_structure().tables}
        return shown | {"population": connection.execute("select * from publication.population").df()}


def behind(shown: Tables) -> Tables:
    return {name: frame for name, frame in shown.items() if name != "population"}


def test_no_filter_of_the_dashboards_tells_a_withheld_number(built: Settings, tmp_path: Path) -> None:
    settings = copied(built, tmp_path)
    assert run_gate(settings).published
    shown = tables(settings.published_db, "publication")
    reader = Reader([shown])
    asked = list(ask(behind(shown)))
    assert len(asked) > 1000
    assert len(reader.withheld) > 100
    assert told(reader, asked) == []


def test_dashboards_over_exact_tables_that_hide_small_answers_tell_many(built: Settings) -> None:
    reader = Reader([tables(built.marts_db, "disclosure")])
    asked = ask(behind(tables(built.marts_db, "publication")))
    statements = told(reader, asked, shown=lambda answer: answer >= 3)
    found = find([*reader.statements(), *statements], {}, programme=False)
    assert sum(found[number].pinned for number in reader.withheld) > len(reader.withheld) / 4


def earlier(settings: Settings, months: int) -> None:
    """Drop the latest months from the built tables: the publication of so many months ago."""
    with duckdb.connect(str(settings.marts_db)) as connection:
        for table in (*load_structure().tables, "population"):
            if table != "risk_levels":
                connection.execute(
                    f"delete from publication.{table} where month > (select max(month) - to_months({months}) "
                    f"from publication.{table})"
                )


def publish(settings: Settings) -> Tables:
    """Disclosure control, the gate's attack, and the record of what was published; without the gate's other checks."""
    decided = disclose(settings)
    assert decided.faults == 0
    with duckdb.connect(str(settings.marts_db)) as connection:
        attacked(connection, settings)
        assert connection.execute("select count(*) from attack_found where low = high").fetchone() == (0,)
        tables = {name: connection.execute(f"select * from disclosure.{name}").df() for name in load_structure().tables}
        tables["population"] = connection.execute("select * from publication.population").df()
    keep_published(settings)
    return tables


@pytest.mark.parametrize("remembered", [True, False], ids=["with history", "history forgotten"])
def test_publications_month_after_month_tell_a_withheld_number_only_where_history_is_forgotten(
    built: Settings, tmp_path: Path, remembered: bool
) -> None:
    publications: list[Tables] = []
    for months_ago in (1, 0):
        settings = copied(built, tmp_path / str(months_ago))
        if remembered and publications:
            shutil.copytree(
                tmp_path / str(months_ago + 1) / "marts" / "disclosure", settings.disclosure, dirs_exist_ok=True
            )
        earlier(settings, months_ago)
        publications.append(publish(settings))
    found = attack(publications)
    recovered = [number for number, what in found.items() if what.pinned]
    assert len(found) > 100
    assert (recovered == []) == remembered
