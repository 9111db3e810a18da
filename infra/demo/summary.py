"""What the demo shows at its end: counts of every layer, reconciled; alerts against the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb

from infra.settings import Settings, open_catalog, table_name
from ingestion.contracts import DERIVED, REGISTERS, LandingCount, QuarantineRow, StreamLedger
from streaming_jobs.catalogue import load_catalogue
from streaming_jobs.evaluation import Incident, evaluate
from streaming_jobs.export import read_alerts

if TYPE_CHECKING:
    from ingestion.sources.simulator import Injected


def _columns(settings: Settings, table: str, *names: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        open_catalog(settings).load_table(table).scan(selected_fields=names).to_arrow().to_pylist()
    )
    return rows


def event_counts(settings: Settings) -> list[dict[str, Any]]:
    """Per source: offered, landed, accepted, late and quarantined, and whether the count law holds."""
    counts: dict[str, Counter[str]] = {}
    for row in _columns(settings, table_name(LandingCount), "source", "offered", "landed", "quarantined"):
        source = counts.setdefault(row.pop("source"), Counter())
        source.update({"offered": row["offered"], "landed": row["landed"], "withheld": row["quarantined"]})
    for row in _columns(
        settings, table_name(StreamLedger), "source", "records", "accepted", "quarantined", "late", "observations"
    ):
        counts.setdefault(row.pop("source"), Counter()).update(row)
    return [
        {
            "source": source,
            "offered": c["offered"],
            "landed": c["landed"],
            "accepted": c["accepted"],
            "late": c["late"],
            "quarantined": c["withheld"] + c["quarantined"],
            "observations": c["observations"],
            "balanced": c["offered"] == c["accepted"] + c["withheld"] + c["quarantined"]
            and c["landed"] == c["records"],
        }
        for source, c in sorted(counts.items())
    ]


def bad_input(settings: Settings, injected: Sequence[Injected]) -> list[dict[str, Any]]:
    """Per reason: bad records that were injected, and what of them is in quarantine."""
    wanted = Counter(str(one.reason) for one in injected)
    found = Counter(row["reason"] for row in _columns(settings, table_name(QuarantineRow), "reason"))
    return [
        {"reason": reason, "injected": wanted[reason], "quarantined": found[reason]}
        for reason in sorted(wanted.keys() | found.keys())
    ]


def layer_rows(settings: Settings) -> dict[str, int]:
    """Rows of every table of the lake and of the published marts."""
    catalog = open_catalog(settings)
    rows = {}
    for model in (*DERIVED.values(), *REGISTERS.values()):
        snapshot = catalog.load_table(table_name(model)).current_snapshot()
        summary = snapshot.summary if snapshot is not None else None
        rows[table_name(model)] = int(summary["total-records"] or 0) if summary is not None else 0
    with duckdb.connect(str(settings.published_db), read_only=True) as published:
        names = published.execute(
            "select table_name from information_schema.tables where table_schema = 'publication' order by 1"
        ).fetchall()
        for (name,) in names:
            (count,) = published.execute(f'select count(*) from publication."{name}"').fetchone() or (0,)
            rows[f"publication.{name}"] = int(count)
    return rows


def alert_scores(settings: Settings, truth: Iterable[Incident], facilities: Collection[str]) -> list[dict[str, Any]]:
    """Per rule, in the given facilities: incidents, found, alerts, wrong, delay."""
    rules = [rule.id for rule in load_catalogue()]
    alerts = [a for a in read_alerts(settings) if a["facility"] in facilities]
    return [s.summary() for s in evaluate(alerts, list(truth), rules)]


def alert_counts(settings: Settings, facilities: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Violations by rule for each named facility."""
    alerts = [a for a in read_alerts(settings) if a["verdict"] == "violation"]
    return {
        name: dict(sorted(Counter(a["rule"] for a in alerts if a["facility"] == facility).items()))
        for name, facility in facilities.items()
    }
