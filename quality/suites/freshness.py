"""Does the publication say how far it reaches?"""

from __future__ import annotations

from quality.suites.check import Check, Tables, none_of


def freshness(tables: Tables) -> list[Check]:
    """One row that says until when, as known when, built when."""
    return [
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
