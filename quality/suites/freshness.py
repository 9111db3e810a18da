"""Does the publication say how far it reaches, and do all registers reach so far?"""

from __future__ import annotations

from infra.settings import table_name
from ingestion.contracts import REGISTERS
from quality.suites.check import Check, Tables, none_of

PAUSES, LEAST_DAYS = 3, 14
"""A register without news for so many times the longest pause of its year, and at least so many days, is broken."""

OFTEN = 50
"""Days with news a year from which on a register's pauses say something."""


def _stands_still(table: str) -> Check:
    """Its open stays would go on for ever and its events would be none: wrong figures that look like good ones."""
    return none_of(
        f"{table} has not stood still while other registers had news.",
        "with known as (select knowledge_date from publication.freshness), "
        f"days as (select distinct cast(known_from as date) as day from {table} cross join known "
        "where cast(known_from as date) <= knowledge_date), "
        "pauses as (select day, day - lag(day) over (order by day) as pause from days "
        "where day > (select max(day) from days) - 365), "
        "usual as (select max(day) as last_news, max(pause) as longest_pause from pauses "
        f"having count(*) >= {OFTEN}) "
        "select last_news, longest_pause, knowledge_date - last_news as days_without from usual cross join known "
        f"where knowledge_date - last_news > greatest({PAUSES} * longest_pause, {LEAST_DAYS})",
    )


def freshness(tables: Tables) -> list[Check]:
    """One row that says until when, as known when, built when; every register has news."""
    return [
        *(_stands_still(table_name(model)) for model in REGISTERS.values()),
        Check(
            "There is one row of freshness.",
            "select run_id from publication.freshness",
            "ExpectTableRowCountToEqual",
            {"value": 1},
        ),
        Check(
            "It says when the figures were built.",
            "select built_at from publication.freshness",
            "ExpectColumnValuesToNotBeNull",
            {"column": "built_at"},
        ),
        none_of(
            "It says until when the registers reach, where they hold anything.",
            "select data_until, knowledge_date from publication.freshness where (data_until is null "
            "or knowledge_date is null) and exists (select 1 from intermediate.int_facility_news)",
        ),
        none_of(
            "No figure is of a month after the last covered day.",
            "select max(month) as month from publication.population "
            "having max(month) > (select max(data_until) from publication.freshness)",
        ),
    ]
