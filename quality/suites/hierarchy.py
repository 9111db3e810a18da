"""Does every figure belong to a place, and every place to the nation?"""

from __future__ import annotations

from quality.suites.check import Check, Tables, none_of


def hierarchy(tables: Tables) -> list[Check]:
    """Units complete up to one nation; facilities of the registers known; tiers add up."""
    checks = [
        none_of(
            "Every unit but the nation has a parent of a higher tier.",
            "select u.unit, u.tier, u.parent from staging.stg_admin_unit as u "
            "left join staging.stg_admin_unit as p on u.parent = p.unit "
            "where u.tier <> 'nation' and not coalesce("
            "(u.tier = 'province' and p.tier = 'nation') or (u.tier = 'city' and p.tier = 'province'), false)",
        ),
        none_of(
            "There is at most one nation.",
            "select count(*) as nations from staging.stg_admin_unit where tier = 'nation' having count(*) > 1",
        ),
        none_of(
            "Every facility that a register row names is in the register of facilities.",
            "select facility from intermediate.int_facilities where in_registers and not registered",
        ),
        none_of(
            "Every registered facility lies in a province.",
            "select facility from intermediate.int_facilities where registered and province is null",
        ),
        none_of(
            "Rows of a tier carry the codes that row security asks for.",
            " union all ".join(
                f"select '{table}' as table_name, unit from publication.{table} where "
                "(tier = 'facility') <> (facility is not null) "
                "or (tier in ('nation', 'province') and city is not null) "
                "or (tier = 'nation' and province is not null) "
                "or (tier = 'province' and province is distinct from unit) "
                "or (tier = 'city' and city is distinct from unit)"
                for table in tables
            ),
        ),
    ]
    sums = {
        "population": ["person_days", "facility_days", "days_missing"],
        "deaths": ["deaths_total", "deaths_pending", "deaths_12m"],
        "accidents_total": ["incidents_total", "incidents_12m"],
        "inspections": ["video_scheduled", "required_minutes", "reviewed_minutes", "findings"],
        "rectification_summary": ["due_in_month", "closed_on_time", "open_at_end"],
    }
    for table, columns in sums.items():
        facilities = ", ".join(f"sum({c}) filter (tier = 'facility') as f_{c}" for c in columns)
        nation = ", ".join(f"sum({c}) filter (tier = 'nation') as n_{c}" for c in columns)
        differs = " or ".join(f"f_{c} is distinct from n_{c}" for c in columns)
        checks.append(
            none_of(
                f"The facilities of {table} add up to the nation in every month.",
                f"select * from (select month, {facilities}, {nation} from publication.{table} group by month) "
                f"where {differs}",
            )
        )
    return checks
