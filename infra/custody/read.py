"""Rows about a person or a stay out of the lake."""

from __future__ import annotations

from typing import Any

from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import And, BooleanExpression, EqualTo
from pyiceberg.table import ALWAYS_TRUE

from infra.settings import Settings, UserError, open_catalog, table_name
from ingestion.contracts import Contract, CustodyCode, RiskScore
from streaming_jobs.custody_code.extract import as_known

Rows = list[dict[str, Any]]
FOREVER = 2**62
"""After every moment, ms."""


def rows_of(
    settings: Settings,
    model: type[Contract],
    chosen: BooleanExpression = ALWAYS_TRUE,
    fields: tuple[str, ...] = ("*",),
) -> Rows:
    """Rows of a table of the lake.

    Raises:
        UserError: the instance has no lake yet.
    """
    try:
        table = open_catalog(settings).load_table(table_name(model))
    except NoSuchTableError as error:
        raise UserError("the lake is empty", where=str(settings.home), do="run: safehold up; safehold run") from error
    found: Rows = table.scan(row_filter=chosen, selected_fields=fields).to_arrow().to_pylist()
    return found


def scores(settings: Settings, subject: str, mode: str = "active") -> Rows:
    """The scores of a person or facility in one mode, in their order.

    Raises:
        UserError: there is none.
    """
    chosen = And(EqualTo("subject", subject), EqualTo("mode", mode))
    found = {row["risk_id"]: row for row in rows_of(settings, RiskScore, chosen)}
    if not found:
        raise UserError(f"no score of {subject!r} is in the lake", where="silver.risk", do="give a pseudonym that is")
    return sorted(found.values(), key=lambda row: (row["at"], row["risk_id"]))


def facility_scores(settings: Settings) -> Rows:
    """The latest score of each facility, highest first."""
    chosen = And(EqualTo("grain", "facility"), EqualTo("mode", "active"))
    latest: dict[str, dict[str, Any]] = {}
    for row in sorted(rows_of(settings, RiskScore, chosen), key=lambda row: (row["at"], row["risk_id"])):
        latest[row["facility"]] = row
    return sorted(latest.values(), key=lambda row: (-row["score"], row["facility"]))


def code_rows(settings: Settings, stay: str) -> Rows:
    """All rows of a stay's custody code.

    Raises:
        UserError: there is none.
    """
    found = rows_of(settings, CustodyCode, EqualTo("stay", stay))
    if not found:
        raise UserError(f"no custody code of stay {stay!r}", where="silver.custody_code", do="give the id of a stay")
    return found


def code_periods(settings: Settings, stay: str, at: int = FOREVER, known_on: int = FOREVER) -> Rows:
    """The periods of a stay's custody code up to a moment, as known at another (ms), in order; [] if none was known.

    Raises:
        UserError: the stay has no code.
    """
    return as_known(code_rows(settings, stay), at, known_on)
