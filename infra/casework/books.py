"""The registers of casework: rows as last known, and new versions appended after their audit entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import BooleanExpression
from pyiceberg.table import ALWAYS_TRUE

from infra import audit
from infra.settings import Settings, UserError, append_rows, ensure_tables, open_catalog, table_name
from ingestion.contracts import AuditEntry, RegisterRow, content_id

SOURCE = "inspection desk"
"""Of the rows, where a desk names no other."""
DAYS = ZoneInfo("Asia/Shanghai")
"""Where the days of deadlines begin and end."""

Row = TypeVar("Row", bound=RegisterRow)


class Desk:
    """The registers of an instance at a moment, for an officer who acts for a reason.

    Args:
        now: with time zone; nothing learnt later is seen, and what is entered is known from then.

    Raises:
        UserError: nobody is named, or no reason is given.
    """

    def __init__(self, settings: Settings, by: str, why: str, now: datetime, source: str = SOURCE) -> None:
        for name, text, most in (("--by", by, 64), ("--why", why, 300)):
            if not 0 < len(text.strip()) <= most:
                raise UserError(f"give 1 to {most} characters", where=name, do="say who, and why; nothing of a person")
        self.settings, self.by, self.why, self.now, self.source = settings, by.strip(), why.strip(), now, source
        self._catalog: SqlCatalog = open_catalog(settings)
        ensure_tables(self._catalog)

    @property
    def today(self) -> date:
        return self.now.astimezone(DAYS).date()

    def rows(self, model: type[Row], chosen: BooleanExpression = ALWAYS_TRUE) -> list[Row]:
        """Rows as last known, in the order of their keys; ``chosen`` may name fields that no version changes."""
        table = self._catalog.load_table(table_name(model)).scan(row_filter=chosen).to_arrow().to_pylist()
        latest: dict[tuple[Any, ...], Row] = {}
        for row in sorted(table, key=lambda row: row["known_from"]):
            if row["known_from"] <= self.now:
                latest[tuple(row[name] for name in model.KEY)] = model.model_validate(row)
        return [latest[key] for key in sorted(latest)]

    def one(self, model: type[Row], chosen: BooleanExpression, name: str) -> Row:
        """The one row of a key.

        Raises:
            UserError: there is none.
        """
        found = self.rows(model, chosen)
        if not found:
            raise UserError(f"there is no {model.TABLE} {name!r}", where=f"register.{model.TABLE}", do="give its id")
        return found[0]

    def row(self, model: type[Row], **fields: Any) -> Row:
        """A row that is known from now.

        Raises:
            UserError: a value that the contract refuses.
        """
        try:
            return model.model_validate({**fields, "known_from": self.now, "source": self.source})
        except ValidationError as error:
            first = error.errors()[0]
            where = f"{model.TABLE}.{'.'.join(map(str, first['loc']))}"
            raise UserError(
                f"{first['msg']}, not {first['input']!r}", where=where, do="see: safehold contracts show"
            ) from error

    def changed(self, row: Row, **fields: Any) -> Row:
        """The next version of a row."""
        return self.row(type(row), **{**row.model_dump(exclude={"known_from", "source"}), **fields})

    def enter(self, what: str, target: str, rows: Sequence[RegisterRow]) -> None:
        """Write the audit entry, then the rows, one commit a table in the order given."""
        after = content_id(*(row.model_dump_json() for row in rows))
        at = int(self.now.timestamp() * 1000)
        entry = AuditEntry(
            audit_id=content_id(self.by, what, target, after)[:16], at=at, who=self.by, what=what, target=target[:128],
            why=self.why, before="", after=after,
        )  # fmt: skip
        audit.append(self.settings, [entry])
        for model in dict.fromkeys(type(row) for row in rows):
            append_rows(self._catalog, model, [row for row in rows if type(row) is model])
