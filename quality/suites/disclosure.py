"""Can a withheld number be worked out from what is about to be published, or from what was published before?"""

from __future__ import annotations

from quality.attack.gate import TABLES
from quality.suites.check import Check, Tables, none_of


def disclosure(tables: Tables) -> list[Check]:
    """The audit's bounds, the reader's attack, and that a number is exact or withheld."""
    checks = [
        none_of(
            "No withheld count has been closed in by linear programming further than the profile allows.",
            "select * from disclosure.audit where fault <> ''",
        ),
        none_of(
            "The reader who subtracts published numbers from each other, today's and earlier ones, pins none down.",
            "select * from attack_found where low = high",
        ),
    ]
    for table in TABLES:
        numbers = [name for name, kind in tables.get(table, ()) if kind in ("BIGINT", "DOUBLE")]
        key = "unit, tier, as_of, level" if table == "risk_levels" else "unit, tier, month"
        key += ", family" if table == "accidents" else ""
        differs = " or ".join(
            f"(d.{n} is distinct from p.{n} "
            f"and not (d.{n} is null and list_contains(string_split(d.withheld, ' '), '{n}')))"
            for n in numbers
        )
        checks += [
            none_of(
                f"Every number of {table} is the exact one, or withheld and said to be.",
                f"select * from disclosure.{table} as d full join publication.{table} as p using ({key}) "
                f"where d.withheld is null or p.withheld is null or {differs or 'true'}",
            ),
        ]
    return checks
