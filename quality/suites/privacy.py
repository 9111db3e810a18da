"""Does the publication hold anything about a single person?"""

from __future__ import annotations

from quality.suites.check import Check, Tables, none_of

PERSON_COLUMNS = (
    "subject", "subjects", "person", "person_id", "pseudonym", "track", "stay", "death", "incident", "officer",
    "visitor", "sex", "age_band", "explanation", "contributions", "payload", "raw", "record_key", "detail",
)  # fmt: skip
"""Column names that stand for one person, or hold what was observed of one."""


def privacy(tables: Tables) -> list[Check]:
    """No column about a person, no level with one or two persons."""
    return [
        Check(
            "No publication table has a column about a single person.",
            "select column_name from information_schema.columns "
            "where table_catalog = current_database() and table_schema = 'publication'",
            "ExpectColumnValuesToNotBeInSet",
            {"column": "column_name", "value_set": list(PERSON_COLUMNS)},
        ),
        Check(
            "No publication column is a list or a structure, in which persons could hide.",
            "select data_type from information_schema.columns "
            "where table_catalog = current_database() and table_schema = 'publication'",
            "ExpectColumnValuesToBeInSet",
            {
                "column": "data_type",
                "value_set": ["VARCHAR", "BIGINT", "INTEGER", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP"],
            },
        ),
        none_of(
            "No risk level shows a count of one or two persons.",
            "select facility, level from disclosure.risk_levels where persons in (1, 2)",
        ),
        none_of(
            "Risk levels are given for facilities only, so that no total gives a withheld count away.",
            "select unit, level from publication.risk_levels where tier <> 'facility'",
        ),
    ]
