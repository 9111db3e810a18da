"""Who takes part: a name, a command, what it is charged with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from infra.settings import Settings, ensure_tables, open_catalog
from infra.settings.model import ROOT
from streaming_jobs.catalogue import load_catalogue
from tests.bench.stream.common import COMMON, copies, write_rules
from tests.bench.stream.contenders.rows import ALERTS, FEATURES, make_tables
from tests.bench.stream.contenders.rules import COUNT

Found = set[tuple[str, str, str, int, int]]
"""Alerts: facility, rule, entity, onset, the second in which it was raised."""

JARS = ROOT / ".cache" / "bench-jars"


@dataclass(frozen=True)
class Contestant:
    """One row of the table."""

    name: str
    command: Callable[[], list[str]]
    rules: int
    ours: bool = False
    env: Mapping[str, str] = field(default_factory=dict)

    def prepare(self, settings: Settings) -> dict[str, str]:
        """Make the instance's tables and rules; gives the environment of the program."""
        if not self.ours:
            make_tables(settings)
            return {COUNT: str(self.rules), **self.env}
        ensure_tables(open_catalog(settings))
        folder = settings.home / "rules"
        write_rules(folder, our_rules(self.rules))
        return {"SAFEHOLD_RULES": str(folder), **self.env}

    def commits(self, settings: Settings) -> list[tuple[float, int]]:
        """When rows of features became visible (s since 1970), and how many there were then."""
        table = open_catalog(settings).load_table("silver.features" if self.ours else FEATURES)
        made = [(s.timestamp_ms / 1000, s.summary) for s in table.snapshots()]
        return sorted((at_s, int(summary["total-records"] or 0)) for at_s, summary in made if summary)

    def alerts(self, settings: Settings) -> Found:
        """Violations of the common rules that were raised."""
        table = open_catalog(settings).load_table("silver.alert" if self.ours else ALERTS)
        rows = table.scan().to_arrow().to_pylist()
        return {_ours(r) if self.ours else _theirs(r) for r in rows if _counts(r, self.ours)}


def our_rules(count: int) -> list[Any]:
    """One rule, or the whole catalogue and copies of it until there are enough."""
    catalogue = load_catalogue()
    if count == 1:
        return [catalogue["cel-02"]]
    return [rule for _, rule in copies(list(catalogue), count)]


def _counts(row: dict[str, Any], ours: bool) -> bool:
    if row["rule"] not in COMMON:
        return False
    return (row["verdict"], row["step"]) == ("violation", "raised") if ours else row["ended"] is None


def _ours(row: dict[str, Any]) -> tuple[str, str, str, int, int]:
    entity = "|".join(row["subjects"]) or row["zone"]
    return row["facility"], row["rule"], entity, row["onset"] // 1000, row["raised_at"] // 1000


def _theirs(row: dict[str, Any]) -> tuple[str, str, str, int, int]:
    return row["facility"], row["rule"], row["entity"], row["onset"], row["raised_at"]


@cache
def kafka_jars() -> str:
    """Spark's Kafka source, fetched by Maven once."""
    if not any(JARS.glob("spark-sql-kafka*.jar")):
        pom = Path(__file__).with_name("pom.xml")
        command = ["mvn", "-B", "-q", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={JARS}"]
        subprocess.run([*command, "-DincludeScope=runtime"], check=True)
    return ",".join(str(path) for path in sorted(JARS.glob("*.jar")))


def _python(module: str, *arguments: str) -> Callable[[], list[str]]:
    return lambda: [sys.executable, "-m", module, *arguments]


ALL, MANY = len(load_catalogue().rules), 580
_THEIRS = "tests.bench.stream.contenders"
_OURS = _python("infra.cli", "run", "--until-drained")

CONTESTANTS = (
    Contestant("ours, 1 rule", _OURS, 1, ours=True),
    Contestant(f"ours, {ALL} rules", _OURS, ALL, ours=True),
    Contestant(f"ours, {MANY} rules", _OURS, MANY, ours=True),
    Contestant("PyFlink per event, process mode", _python(f"{_THEIRS}.pyflink_events", "process"), ALL),
    Contestant("PyFlink per event, thread mode", _python(f"{_THEIRS}.pyflink_events", "thread"), ALL),
    Contestant("Spark applyInPandasWithState", lambda: _python(f"{_THEIRS}.spark_stream", kafka_jars())(), ALL),
    Contestant("Bytewax", _python(f"{_THEIRS}.bytewax_flow"), ALL),
    Contestant("plain Python, orjson", _python(f"{_THEIRS}.plain"), ALL),
)
