"""Where the CPU of our job goes: `python -m tests.bench.stream.profile`.

Two tables. The first is what the kernel of the operating system counts for each thread of the running
job, JVM and Python (in a mini-cluster the worker is threads of the client), between two of its commits.
The second takes the worker's share apart: the same records go through the same functions in this
process, and a timer of CPU time looks where they are.
"""

from __future__ import annotations

import argparse
import signal
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from types import FrameType

from infra.settings import bootstrap, load_settings
from ingestion.landing import land
from ingestion.sources.record import Record
from streaming_jobs.fold.codec import encode_state
from streaming_jobs.fold.envelope import key_of, open_envelope
from streaming_jobs.fold.facility import FacilityFold, FoldConfig
from tests.bench.stream.contestants import ALL, CONTESTANTS
from tests.bench.stream.load import Load, evening, events
from tests.bench.stream.measure import run, steady
from tests.support.instance import instance

THREADS = (
    ("python: main", "Python: client, follows the job's progress"),
    ("python: ", "Python: worker"),
    ("java: Source Data Fet", "JVM: Kafka fetchers"),
    ("java: Source: topic", "JVM: source tasks (Kafka records to rows, envelope; Iceberg writer of bronze)"),
    ("java: WindowAggr", "JVM: micro-batch window"),
    ("java: LocalWindow", "JVM: micro-batch window"),
    ("java: GlobalWind", "JVM: micro-batch window"),
    ("java: fold", "JVM: fold operator, transfer, Iceberg writers of silver"),
    ("java: grpc", "JVM: gRPC to and from the worker"),
    ("java: C1 Comp", "JVM: compiling"),
    ("java: C2 Comp", "JVM: compiling"),
    ("java: VM Thread", "JVM: garbage collection and safepoints"),
)
"""Begin of a thread's name and what it does; names are cut off by the kernel after 15 characters."""

PLACES = (
    ("fold/envelope.py", "envelope split"),
    ("fold/codec.py", "state to bytes"),
    ("kernel/", "kernel and alert rows"),
    ("features/snapshot.py", "features written"),
    ("risk/", "risk"),
    ("features/perceive.py", "perceive: who is where"),
    ("features/sheet.py", "sheet: who and what gets a row, pairs"),
    ("features/domains/", "features of "),
    ("features/", "features, other"),
    ("fold/admit.py", "JSON decoded by msgspec, and checks at entry"),
    ("ingestion/contracts/", "JSON decoded by msgspec, and checks at entry"),
    ("fold/", "fold: admission, digests, seconds"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facilities", type=int, default=4)
    parser.add_argument("--detainees", type=int, default=60)
    parser.add_argument("--fps", type=float, default=2.0)
    parser.add_argument("--seconds", type=int, default=900)
    given = parser.parse_args()
    records = list(events(evening(given.facilities, given.seconds, given.detainees, given.fps)))
    load = Load()
    for record in records:
        load.count(record)
    print(f"{load.events:,} events, {load.observations:,} observations; CPU s / M observations\n")
    print(_table(_threads(records, load)))
    print(_table(_functions(records, load)))


def _table(rows: dict[str, float]) -> str:
    total = sum(rows.values())
    lines = [f"{value:8.2f} {value / total:6.1%}  {name}" for name, value in sorted(rows.items(), key=lambda r: -r[1])]
    return "\n".join([*lines, f"{total:8.2f}         all", ""])


def _threads(records: list[Record], load: Load) -> dict[str, float]:
    one = next(c for c in CONTESTANTS if c.ours and c.rules == ALL)
    with tempfile.TemporaryDirectory() as folder, instance(Path(folder) / "broker") as broker:
        land(broker, "bench", records)
        where = {"SAFEHOLD_HOME": f"{folder}/job", "SAFEHOLD_KAFKA_BOOTSTRAP": bootstrap(broker)}
        settings = load_settings(home=Path(where["SAFEHOLD_HOME"]), kafka_bootstrap=bootstrap(broker))
        session = run(one.command(), where | one.prepare(settings), Path(folder) / "log", threads=True)
        cost = steady(session, one.commits(settings))
    rows: dict[str, float] = defaultdict(float)
    for thread, seconds in cost.parts.items():
        name = next((name for start, name in THREADS if thread.startswith(start)), None)
        if name is None and seconds > 0.05 * cost.cpu_s:
            name = thread
        rows[name or "JVM: other threads"] += seconds / (load.observations * cost.share) * 1e6
    return rows


def _functions(records: list[Record], load: Load) -> dict[str, float]:
    """CPU seconds of the worker's own functions, by file, over the records in batches of a second."""
    config = FoldConfig.load(2000, 3_600_000, features=True)
    folds: dict[str, FacilityFold] = {}
    found: Counter[str] = Counter()

    def look(number: int, frame: FrameType | None) -> None:
        found[_place(frame)] += 1

    batches = list(_batches(records))
    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
    began = time.process_time()
    for key, texts in batches:
        fold = folds.get(key)
        if fold is None:
            fold = folds[key] = FacilityFold(key_of(key), config)
        fold.process(0, sorted((open_envelope(text) for text in texts), key=lambda record: record.offset))
        if fold.world is not None:
            encode_state(fold)
    used = time.process_time() - began
    signal.setitimer(signal.ITIMER_PROF, 0)
    # The kernel's own tick is coarser than a millisecond, so that looks are shares and not times.
    each = used / sum(found.values()) / load.observations * 1e6
    return {name: count * each for name, count in found.items()}


def _place(frame: FrameType | None) -> str:
    while frame is not None:
        path = frame.f_code.co_filename
        for part, name in PLACES:
            if f"/{part}" in path:
                return name + Path(path).stem if name.endswith(" of ") else name
        frame = frame.f_back
    return "profile itself"


def _batches(records: list[Record]) -> list[tuple[str, list[str]]]:
    """Envelopes as the JVM makes them, a second of a facility each."""
    batches: dict[tuple[int, str], list[str]] = defaultdict(list)
    for offset, record in enumerate(records):
        assert record.timestamp_ms is not None
        assert record.key is not None
        source = record.source or ""
        text = f"{offset},{record.timestamp_ms},{len(source)},+;{source}{record.value.decode('latin-1')}"
        batches[record.timestamp_ms // 1000, "+" + record.key.decode()].append(text)
    return [(key, texts) for (_, key), texts in batches.items()]


if __name__ == "__main__":
    main()
