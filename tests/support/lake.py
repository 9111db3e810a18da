"""Filling the lake of a test with a few rows written by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

from infra.settings import Settings, append_rows, ensure_tables, open_catalog
from ingestion.contracts import Contract


def fill(settings: Settings, *rows: Contract) -> None:
    """Append rows of any contracts, one commit a table."""
    catalog = open_catalog(settings)
    ensure_tables(catalog)
    for model in dict.fromkeys(type(row) for row in rows):
        append_rows(catalog, model, [row for row in rows if type(row) is model])


def learnt(day: str, hour: int = 12) -> datetime:
    """The moment at which a row became known: an hour of a day, UTC."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)
