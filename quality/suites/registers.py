"""Are the registers sound enough for figures to follow from them?"""

from __future__ import annotations

import pyarrow as pa

from infra.settings import table_name
from ingestion.contracts.schemas import arrow_schema
from quality.suites.check import Check, Tables, none_of
from quality.suites.staged import STAGED


def registers(tables: Tables) -> list[Check]:
    """Stays in order, no person in two places, nothing below zero, and one version of a row at any moment."""
    checks = [
        none_of(
            "No stay ends before it begins.",
            "select stay, admitted, released from staging.stg_stay where released < admitted",
        ),
        none_of(
            "Nobody is in two stays at once, so that no day is counted twice.",
            "select stay, next_stay from (select stay, admitted, released, "
            "lead(stay) over (partition by subject order by admitted, released nulls last, stay) as next_stay, "
            "lead(admitted) over (partition by subject order by admitted, released nulls last, stay) as next_admitted "
            "from staging.stg_stay) where next_admitted < coalesce(released, date '9999-12-31')",
        ),
        none_of(
            "Nobody stays in a facility after it closed.",
            "select s.stay, s.released, f.closed from staging.stg_stay as s "
            "inner join staging.stg_facility as f on s.facility = f.facility "
            "where coalesce(s.released, date '9999-12-31') > f.closed",
        ),
        none_of(
            "Nobody is in restraints or waits for a lawyer in a facility that is closed.",
            "select r.facility, r.begun, f.closed from (select facility, begun from staging.stg_restraint_use "
            "union all select facility, waits_from from staging.stg_lawyer_request) as r "
            "inner join staging.stg_facility as f on r.facility = f.facility where cast(r.begun as date) >= f.closed",
        ),
        none_of(
            "A death's day lies in its year.",
            "select death, died, year from staging.stg_death where year(died) <> year",
        ),
        none_of(
            "No order is closed or due before it is given.",
            "select rectification, ordered, due, closed from staging.stg_rectification_order "
            "where closed < ordered or due < ordered",
        ),
    ]
    for model in STAGED:
        numbers = [field.name for field in arrow_schema(model) if field.type in (pa.int64(), pa.float64())]
        if numbers:
            checks.append(
                none_of(
                    f"No number of {table_name(model)} is negative.",
                    f"select {', '.join((*model.KEY, 'known_from', *numbers))} from {table_name(model)} "
                    f"where least({', '.join(numbers)}) < 0",
                )
            )
        key = ", ".join((*model.KEY, "known_from"))
        checks.append(
            none_of(
                f"No two versions of a row of {table_name(model)} claim the same moment with different content.",
                # Few keys have two rows of one moment: their contents are compared, and not all rows'.
                f"with twice as (select {key} from {table_name(model)} group by {key} having count(*) > 1) "
                f"select {key} from (select distinct * exclude (source) from {table_name(model)} "
                f"semi join twice using ({key})) group by {key} having count(*) > 1",
            )
        )
    return checks
