"""Was anything lost between the sources and the lake?"""

from __future__ import annotations

from quality.suites.check import Check, Tables, none_of


def reconciliation(tables: Tables) -> list[Check]:
    """Count laws per source, and of every alert that was raised one published row."""
    return [
        none_of(
            "The counts of every source agree: offered, landed, received, accepted, quarantined.",
            "select source, difference from publication.count_reconciliation where not balanced",
        ),
        none_of(
            "Every alert in the lake is published once.",
            "select alert_id from intermediate.int_alerts except all select alert_id from publication.alerts",
        ),
        none_of(
            "Every record in quarantine is in the summary.",
            "select a.stored, b.published from (select count(*) as stored from staging.stg_quarantine) as a "
            "cross join (select coalesce(sum(records), 0) as published from publication.quarantine_summary) as b "
            "where a.stored <> b.published",
        ),
    ]
