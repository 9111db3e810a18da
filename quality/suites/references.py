"""Is there every row that another row names?"""

from __future__ import annotations

from infra.settings import table_name
from ingestion.contracts import REGISTERS
from quality.suites.check import Check, Tables, none_of


def references(tables: Tables) -> list[Check]:
    """A register's field that bears the name of another register's key names one of its rows.

    The row named may have been taken back meanwhile: it was there, so nothing was lost on the way.
    """
    keys = {model.KEY[0]: model for model in REGISTERS.values() if len(model.KEY) == 1}
    return [
        none_of(
            f"Every {field} that a row of {table_name(model)} names is in {table_name(keys[field])}.",
            f"select {', '.join((*model.KEY, field))} from staging.stg_{model.TABLE} as named "
            f"where {field} is not null and not exists "
            f"(select 1 from {table_name(keys[field])} as there where there.{field} = named.{field})",
        )
        for model in REGISTERS.values()
        for field in model.model_fields
        if field in keys and field not in model.KEY
    ]
