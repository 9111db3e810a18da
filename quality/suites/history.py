"""Do the figures go on from those published before, and from the months before?"""

from __future__ import annotations

from quality.suites.check import Check, Tables, none_of

LOST_SHARE = 0.1
"""A closed month may lose so much of its person-days or events by corrections; more is a source that fell away."""

LOST_EVENTS = 5
"""So many events may be taken back whatever their share."""

USUAL = (1 / 3, 3.0)
"""Rows of the newest month as a multiple of the median of the six months before; outside, a source is broken."""

ENOUGH = 60
"""Rows a month from which on that multiple says something."""

_NOT_OLDER = (
    "exists (select 1 from publication.freshness as n cross join before.publication.freshness as b "
    "where n.knowledge_date >= b.knowledge_date)"
)
_COUNTS = {"population": "person_days", "deaths": "deaths_total", "accidents_total": "incidents_total"}
_ROWS = {
    "admissions": "select admitted as day from staging.stg_stay",
    "head counts": "select day from staging.stg_population_count where place_kind = 'facility'",
    "incidents": "select cast(happened as date) as day from staging.stg_incident",
    "inspections": "select scheduled as day from staging.stg_inspection",
}


def history(tables: Tables) -> list[Check]:
    """Against the published file (attached as ``before``), unless an earlier knowledge date was asked for."""
    checks = [
        none_of(
            "No register has fewer rows than at the last publication: rows are appended, never taken away.",
            "select n.table_name, b.row_count as rows_before, n.row_count from publication.layer_counts as n "
            "inner join before.publication.layer_counts as b on n.table_name = b.table_name "
            "where n.layer = 'register' and n.row_count < b.row_count",
        ),
        none_of(
            "The figures reach at least as far as those published before.",
            "select b.data_until as until_before, n.data_until from publication.freshness as n "
            "cross join before.publication.freshness as b "
            f"where {_NOT_OLDER} and (n.data_until < b.data_until or n.data_until is null)",
        ),
    ]
    for table, column in _COUNTS.items():
        fewest = 0 if table == "population" else LOST_EVENTS
        checks.append(
            none_of(
                f"No month of {table} has lost a tenth of the nation's {column} since the last publication.",
                f"select b.month, b.{column} as {column}_before, n.{column} from before.publication.{table} as b "
                f"left join publication.{table} as n on n.tier = b.tier and n.month = b.month "
                f"where b.tier = 'nation' and {_NOT_OLDER} "
                f"and b.{column} - coalesce(n.{column}, 0) > greatest({LOST_SHARE} * b.{column}, {fewest})",
            )
        )
    for name, days in _ROWS.items():
        checks.append(
            none_of(
                f"The {name} of the last month are no fewer and no more than the months before let expect.",
                "with monthly as (select months.month, count(news.day) as counted, "
                "row_number() over (order by months.month desc) as age from intermediate.int_months as months "
                f"left join ({days}) as news on news.day between months.month and months.month_end "
                "group by months.month), usual as (select median(counted) as counted from monthly "
                "where age between 2 and 7 having count(*) = 6) "
                "select monthly.month, monthly.counted, usual.counted as usual from monthly cross join usual "
                f"where monthly.age = 1 and usual.counted >= {ENOUGH} and "
                f"(monthly.counted < {USUAL[0]} * usual.counted or monthly.counted > {USUAL[1]} * usual.counted)",
            )
        )
    return checks
