"""Can the figures be right? Signs, bounds, parts that add up, rules about rates."""

from __future__ import annotations

from quality.suites.check import Check, Tables, none_of, numeric_columns

_PERCENT = {
    "population": {"occupancy_pct": 500.0},
    "inspections": {"coverage_pct": 1000.0},
    "rectification_summary": {"closed_on_time_pct": 100.0},
    "rights": {
        "solitary_unknown_pct": 100.0,
        "solitary_per_1000": 1000.0,
        "outside_unknown_pct": 100.0,
        "outside_hour_pct": 100.0,
        "lawyer_in_time_pct": 100.0,
    },
    "facility_ranking": {"occupancy_pct": 500.0},
}
_RATES = {
    "deaths": "deaths_12m_in_rate",
    "accidents": "incidents_12m_in_rate",
    "accidents_total": "incidents_12m_in_rate",
}


def figures(tables: Tables) -> list[Check]:
    """No negative number; bounds; classes and families add up; no rate that must be withheld."""
    checks: list[Check] = []
    for table in tables:
        if columns := [name for name in numeric_columns(tables, table) if not name.startswith("change")]:
            smallest = ", ".join(f"cast(min({column}) as double) as {column}" for column in columns)
            checks.append(
                Check(
                    f"No number of {table} is negative.",
                    f"select name as column_name, value as smallest from (unpivot "
                    f"(select {smallest} from publication.{table}) on columns(*))",
                    "ExpectColumnValuesToBeBetween",
                    {"column": "smallest", "min_value": 0},
                )
            )
    for table, bounds in _PERCENT.items():
        for column, most in bounds.items():
            checks.append(
                Check(
                    f"{table}.{column} is at most {most:g}.",
                    f"select tier, unit, month, {column} from publication.{table}",
                    "ExpectColumnValuesToBeBetween",
                    {"column": column, "min_value": 0, "max_value": most},
                )
            )
    for table, events in _RATES.items():
        checks += [
            none_of(
                f"The rates of {table} lie within their limits, and none is given without them.",
                f"select unit, month from publication.{table} where not (rate_low <= rate_per_1000_12m "
                "and rate_per_1000_12m <= rate_high) or (rate_per_1000_12m is null) <> (rate_low is null) "
                "or (rate_per_1000_12m is null) <> (rate_high is null)",
            ),
            none_of(
                f"No rate of {table} is given under 3 events, and those under 20 are flagged.",
                f"select unit, month from publication.{table} where rate_per_1000_12m is not null "
                f"and ({events} < 3 or ({events} < 20) <> (rate_flag = 'unreliable'))",
            ),
            none_of(
                f"Every rate of {table} is its numerator by its denominator.",
                f"select unit, month from publication.{table} "
                f"where abs(rate_per_1000_12m - 1000.0 * {events} / adp_12m) > 0.0001 + rate_per_1000_12m * 0.00001",
            ),
        ]
    checks += [
        Check(
            "Deaths per 1,000 ADP are at most 1,000.",
            "select tier, unit, month, rate_per_1000_12m from publication.deaths",
            "ExpectColumnValuesToBeBetween",
            {"column": "rate_per_1000_12m", "min_value": 0, "max_value": 1000},
        ),
        none_of(
            "The classes of deaths add up, and the bounds hold the pending.",
            "select unit, month from publication.deaths where deaths_total <> "
            "deaths_illness + deaths_unnatural + deaths_pending + deaths_unknown or unnatural_low <> deaths_unnatural "
            "or unnatural_high <> unnatural_low + deaths_pending + deaths_unknown or deaths_off_site > deaths_total",
        ),
        none_of(
            "Every death that counts, with a day in a published month, is in the nation's figures.",
            "select a.n, b.n from (select count(*) as n from intermediate.int_deaths "
            "where counted and month in (select month from intermediate.int_months)) as a cross join "
            "(select coalesce(sum(deaths_total), 0) as n from publication.deaths where tier = 'nation') as b "
            "where a.n <> b.n",
        ),
        none_of(
            "The families of accidents add up to all of them.",
            "select t.unit, t.month from publication.accidents_total as t inner join (select unit, tier, month, "
            "sum(incidents_total) as n, sum(incidents_12m) as n12 from publication.accidents group by all) as f "
            "on t.unit = f.unit and t.tier = f.tier and t.month = f.month "
            "where t.incidents_total <> f.n or t.incidents_12m <> f.n12",
        ),
        none_of(
            "The judged and the unknown days in custody add up, as do the outcomes of restraints and of requests.",
            "select tier, unit, month from publication.rights where person_days <> solitary_judged + solitary_unknown "
            "or person_days <> outside_judged + outside_unknown or outside_judged <> outside_hour + outside_short "
            "or solitary_days > solitary_judged or restraints_begun <> restraints_within_time + restraints_over_time "
            "+ restraints_running + restraints_no_end_stated "
            "or lawyer_requests <> lawyer_judged + lawyer_not_due + lawyer_lapsed "
            "or lawyer_judged <> lawyer_in_time + lawyer_late + lawyer_not_met",
        ),
        none_of(
            "No rate of solitary confinement is given under 3 days, nor where most days are unknown.",
            "select tier, unit, month from publication.rights where solitary_per_1000 is not null "
            "and (solitary_days < 3 or solitary_unknown > solitary_judged)",
        ),
        none_of(
            "Every restraint and every request of a published month is in the nation's figures.",
            "select a.n, b.n from (select (select count(*) from intermediate.int_restraints where month in "
            "(select month from intermediate.int_months)) + (select count(*) from intermediate.int_lawyer_requests "
            "where month in (select month from intermediate.int_months)) as n) as a cross join "
            "(select coalesce(sum(restraints_begun), 0) + coalesce(sum(lawyer_requests), 0) as n "
            "from publication.rights where tier = 'nation') as b where a.n <> b.n",
        ),
        none_of(
            "Person-days, days and ADP agree where no day is missing.",
            "select unit, month from publication.population "
            "where days_missing = 0 and abs(adp - person_days / calendar_days) > 0.0001",
        ),
        none_of(
            "Days under an epidemic measure are days in operation, and those of the whole facility are among them.",
            "select unit, month, kind from publication.epidemic_measures "
            "where days_whole > days_under or days_under > facility_days or (facilities_under > 0) <> (days_under > 0)",
        ),
        none_of(
            "Every facility-day under a measure of a kind in a published month is in the nation's figures, once.",
            "select a.n, b.n from (select count(distinct (facility, kind, day)) as n "
            "from intermediate.int_epidemic_days "
            "where cast(date_trunc('month', day) as date) in (select month from intermediate.int_months)) as a "
            "cross join "
            "(select coalesce(sum(days_under), 0) as n from publication.epidemic_measures where tier = 'nation') as b "
            "where a.n <> b.n",
        ),
        none_of(
            "Months have no gap.",
            "select month from (select month, lead(month) over (order by month) as next_month "
            "from intermediate.int_months) where next_month <> month + interval 1 month",
        ),
    ]
    return checks
