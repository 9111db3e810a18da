"""Did what the registers hold reach its figures?"""

from __future__ import annotations

from quality.suites.check import Check, Tables, none_of

_FOLLOWS = {
    "register.stay": "population",
    "register.death": "deaths",
    "register.incident": "accidents",
    "register.inspection": "inspections",
    "register.rectification_order": "rectification",
    "silver.alert": "alerts_by_rule_hour",
    "silver.risk": "risk_levels",
    "silver.quarantine": "quarantine_summary",
    "bronze.received": "count_reconciliation",
}


def volume(tables: Tables) -> list[Check]:
    """A table of the lake with rows has figures with rows."""
    months = "exists (select 1 from intermediate.int_months)"
    checks = []
    for source, table in _FOLLOWS.items():
        needs = f" and {months}" if table in ("population", "deaths", "accidents", "inspections") else ""
        checks.append(
            none_of(
                f"{table} has rows where {source} has.",
                f"select '{table}' as table_name where exists (select 1 from {source}) "
                f"and not exists (select 1 from publication.{table}){needs}",
            )
        )
    return checks
