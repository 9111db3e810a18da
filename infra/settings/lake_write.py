"""Appending rows to the lake beside other writers."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from sqlalchemy.exc import OperationalError

from infra.settings.errors import SafeholdError
from infra.settings.lake import table_name
from ingestion.contracts import Contract
from ingestion.contracts.schemas import arrow_schema

ATTEMPTS = 12


def append_rows(catalog: SqlCatalog, model: type[Contract], rows: Sequence[Contract] | pa.Table) -> None:
    """Append rows of one contract to its table in one commit.

    Flink, Spark and other imports commit to the same catalogue: a lost race is tried again on the
    newest snapshot, with growing pauses, for about half a minute. Nothing is written for no rows.

    Raises:
        SafeholdError: the commit was refused in all attempts.
    """
    if len(rows) == 0:
        return
    batch = rows if isinstance(rows, pa.Table) else _arrow(model, rows)
    for attempt in range(ATTEMPTS):
        try:
            catalog.load_table(table_name(model)).append(batch)
            return
        except (CommitFailedException, OperationalError) as error:
            if attempt == ATTEMPTS - 1:
                raise SafeholdError(
                    f"could not append {len(rows)} rows: {error}",
                    where=table_name(model),
                    do="see which other job keeps writing to the table, and run this again",
                ) from error
            # Jitter keeps two losers of the same race from meeting again.
            time.sleep(min(5.0, 0.05 * 2**attempt) * (0.5 + random.random()))


def _arrow(model: type[Contract], rows: Sequence[Contract]) -> pa.Table:
    return pa.Table.from_pylist([row.model_dump() for row in rows], schema=arrow_schema(model))
