"""Writing simulated records and ground truth to files of JSON lines."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from ingestion.sources.record import Record
from ingestion.sources.simulator.live import truth
from ingestion.sources.simulator.scenario import Scenario


def write_records(path: Path, records: Iterable[Record]) -> int:
    """Write the records' values, one a line; returns their number. Keys are the events' facilities."""
    count = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=1 << 20) as out:
        for record in records:
            out.write(record.value + b"\n")
            count += 1
    return count


def write_truth(path: Path, scenario: Scenario) -> int:
    """Write what the rules should report, one incident a line; returns their number."""
    found = truth(scenario)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(msgspec.json.encode(t) + b"\n" for t in found))
    return len(found)
