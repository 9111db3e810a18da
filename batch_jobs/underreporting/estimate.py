"""Filling in the published table of possible under-reporting after the models were built."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from batch_jobs.underreporting.expected import judge

TABLE = "publication.under_reporting"
EVIDENCE = {"alerts": "live_person_days", "medical_alerts": "live_person_days", "findings_serious": "person_days"}
"""Kind of evidence to the person-days in which it could be seen."""
KNOWN = ("reported", "person_days", "live_person_days")


def estimate(connection: duckdb.DuckDBPyConnection) -> None:
    """Judge each measure's facilities, in the order of their codes, and write what was found into the table."""
    for measure in ("incidents", "deaths"):
        rows = connection.execute(
            f"select * from {TABLE} where measure = ? and person_days > 0 order by facility", [measure]
        ).fetchnumpy()
        column = {name: np.asarray(rows[name], dtype=np.float64) for name in (*KNOWN, *EVIDENCE)}
        counts = np.stack([column[kind] for kind in EVIDENCE], axis=1)
        observed = np.stack([column[days] for days in EVIDENCE.values()], axis=1)
        judged = judge(column["reported"], column["person_days"], counts, observed)
        if not judged:
            continue
        found = pa.table(
            {
                "facility": list(rows["facility"]),
                "expected": [round(j.expected, 4) for j in judged],
                "expected_low": [int(j.low) for j in judged],
                "expected_high": [int(j.high) for j in judged],
                "chance": [round(j.chance, 6) for j in judged],
                "flag": [j.flag for j in judged],
            }
        )
        connection.register("found", found)
        connection.execute(
            f"update {TABLE} as t set expected = found.expected, expected_low = found.expected_low, "
            "expected_high = found.expected_high, chance = found.chance, flag = found.flag "
            "from found where t.facility = found.facility and t.measure = ?",
            [measure],
        )
        connection.unregister("found")
