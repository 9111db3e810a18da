"""Alerts out of the lake as JSON lines: one line an alert, its latest step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import BooleanExpression, EqualTo
from pyiceberg.table import ALWAYS_TRUE

from infra.settings import Settings, UserError, open_catalog, table_name
from ingestion.contracts import Alert

COLUMNS = (
    "rule",
    "rule_version",
    "mode",
    "verdict",
    "facility",
    "zone",
    "subjects",
    "severity",
    "onset",
    "raised_at",
    "cleared",
    "explanation",
)


def read_alerts(settings: Settings, rule: str | None = None) -> list[dict[str, Any]]:
    """All alerts, merged from their steps by id, in the order in which they were raised.

    A replay or an at-least-once sink may repeat a step; the id makes that harmless.

    Raises:
        UserError: the instance has no lake yet.
    """
    chosen: BooleanExpression = ALWAYS_TRUE if rule is None else EqualTo("rule", rule)
    try:
        table = open_catalog(settings).load_table(table_name(Alert))
    except NoSuchTableError as error:
        raise UserError(
            "there are no alerts yet", where=str(settings.home), do="run: safehold up; safehold run"
        ) from error
    merged: dict[str, dict[str, Any]] = {}
    for row in table.scan(row_filter=chosen).to_arrow().to_pylist():
        known = merged.get(row["alert_id"])
        if known is None or row["step"] == "cleared":
            merged[row["alert_id"]] = row
    return sorted(merged.values(), key=lambda r: (r["raised_at"], r["rule"], r["alert_id"]))


def export_alerts(settings: Settings, out: Path, rule: str | None = None) -> int:
    """Write the alerts, times in ms since 1970, the explanation as an object; returns their number.

    Raises:
        UserError: no lake yet, or the file cannot be written.
    """
    alerts = read_alerts(settings, rule)
    try:
        with out.open("w", encoding="utf-8") as file:
            for alert in alerts:
                line = {"id": alert["alert_id"], **{name: alert[name] for name in COLUMNS}}
                line["explanation"] = json.loads(alert["explanation"])
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    except OSError as error:
        raise UserError(f"cannot write: {error.strerror}", where=str(out), do="give a path you may write to") from error
    return len(alerts)
