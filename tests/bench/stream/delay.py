"""How long after a second's end its decision is in the lake, at fixed rates: `make bench-stream.delay`.

    python -m tests.bench.stream.delay [--facilities 8 24 48] [--only NAME ...]

A simulated evening is posted as it happens, a second a second; more facilities are a higher rate. A
decision is the row of features that a contender writes for a facility's second, in one commit with
the second's alerts. Its delay is from the end of that second to the commit. What is not committed
when the posting has been over for PATIENCE_S counts as never. Other work on the machine lengthens all
delays: compare only what one run printed.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from confluent_kafka import Producer

from infra.settings import EVENTS_TOPIC, SOURCE_HEADER, Settings, bootstrap, load_settings, open_catalog
from ingestion.sources.record import Record
from tests.bench.stream.contenders.rows import FEATURES
from tests.bench.stream.contestants import ALL, CONTESTANTS, Contestant
from tests.bench.stream.load import evening, events, time_of
from tests.support.instance import instance

BEFORE_S = 10
"""Simulated seconds that are posted at once, so that engines are up and have decided before the clock runs."""
WARM_S, MEASURED_S = 20, 45
MARGIN_S = 5
"""The last seconds of the input are never closed: no later event comes."""
PATIENCE_S = 15
START_S = 90


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facilities", type=int, nargs="+", default=[8, 24, 48])
    parser.add_argument("--detainees", type=int, default=60)
    parser.add_argument("--fps", type=float, default=2.0)
    parser.add_argument("--only", nargs="+", default=["PyFlink", f"ours, {ALL}"])
    given = parser.parse_args()
    chosen = [c for c in CONTESTANTS if any(part in c.name for part in given.only)]
    print(f"{'contender':<34} {'events/s':>9} {'p50 s':>7} {'p95 s':>7} {'p99 s':>7} {'decided':>8}")
    for facilities in given.facilities:
        scenario = evening(facilities, BEFORE_S + WARM_S + MEASURED_S + MARGIN_S, given.detainees, given.fps)
        records = list(events(scenario))
        for one in chosen:
            delays = _run(one, records, scenario.start_ms, facilities)
            p50, p95, p99 = np.percentile(delays, (50, 95, 99), method="higher")
            rate = len(records) / scenario.live_seconds
            print(
                f"{one.name:<34} {rate:>9,.0f} {p50:>7.2f} {p95:>7.2f} {p99:>7.2f} {np.isfinite(delays).mean():>8.1%}",
                flush=True,
            )


def _run(one: Contestant, records: Sequence[Record], start_ms: int, facilities: int) -> npt.NDArray[np.float64]:
    """Delays (s) of all facility-seconds measured; inf for those not decided."""
    with tempfile.TemporaryDirectory() as folder, instance(Path(folder) / "broker") as broker:
        where = {"SAFEHOLD_HOME": f"{folder}/contender", "SAFEHOLD_KAFKA_BOOTSTRAP": bootstrap(broker)}
        settings = load_settings(home=Path(where["SAFEHOLD_HOME"]), kafka_bootstrap=bootstrap(broker))
        command = one.command()
        command = [part for part in command if part != "--until-drained"] if one.ours else [*command, "live"]
        env = os.environ | where | one.prepare(settings)
        first = next(i for i, record in enumerate(records) if time_of(record) >= start_ms + BEFORE_S * 1000)
        with (Path(folder) / "log").open("wb") as log:
            child = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            _post(broker, records[:first], start_ms, None)
            _await_first_commit(one, settings, child, Path(folder) / "log")
            began = time.time() - BEFORE_S
            _post(broker, records[first:], start_ms, began)
            time.sleep(PATIENCE_S)
        finally:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        seen = _first_seen(one, settings)
        begin = start_ms // 1000 + BEFORE_S + WARM_S
        # A facility-second that was never decided has no row to be found.
        found = [at - (began + s + 1 - start_ms / 1000) for (_, s), at in seen.items() if 0 <= s - begin < MEASURED_S]
        return np.array([*found, *[np.inf] * (facilities * MEASURED_S - len(found))])


def _post(broker: Settings, records: Iterable[Record], start_ms: int, began: float | None) -> None:
    """Post each record when its time has come; all at once where ``began`` (s since 1970) is None."""
    producer = Producer(
        {"bootstrap.servers": bootstrap(broker), "linger.ms": 5, "queue.buffering.max.messages": 2_000_000}
    )
    for record in records:
        if began is not None:
            wait = began + (time_of(record) - start_ms) / 1000 - time.time()
            if wait > 0.005:
                producer.poll(0)
                time.sleep(wait)
        headers = [(SOURCE_HEADER, (record.source or "").encode())]
        assert record.timestamp_ms is not None
        producer.produce(EVENTS_TOPIC, record.value, record.key, timestamp=record.timestamp_ms, headers=headers)
    producer.flush()


def _await_first_commit(one: Contestant, settings: Settings, child: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while not one.commits(settings):
        if child.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{one.name} decides nothing:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.5)


def _first_seen(one: Contestant, settings: Settings) -> dict[tuple[str, int], float]:
    """Time of the commit (s since 1970) with which each facility and second became visible."""
    table = open_catalog(settings).load_table("silver.features" if one.ours else FEATURES)
    scale = 1000 if one.ours else 1
    seen: dict[tuple[str, int], float] = {}
    for snapshot in sorted(table.snapshots(), key=lambda s: s.timestamp_ms):
        rows = table.scan(snapshot_id=snapshot.snapshot_id, selected_fields=("facility", "at")).to_arrow()
        for facility, at in zip(rows["facility"].to_pylist(), rows["at"].to_pylist(), strict=True):
            seen.setdefault((facility, at // scale), snapshot.timestamp_ms / 1000)
    return seen


if __name__ == "__main__":
    main()
