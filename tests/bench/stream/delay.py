"""How long after its second an alert is in the topic `alerts`, at fixed rates: `make bench-stream.delay`.

    python -m tests.bench.stream.delay [--facilities 16 32] [--only NAME ...]

A simulated evening is posted as it happens, a second a second; more facilities are a higher rate. In
every facility somebody begins to climb in every second (cel-05, held for three seconds). The delay of
an alert is from the end of the second in which its hold was over to its receipt from the topic.
Alerts that are not there when the posting has been over for PATIENCE_S count as never. Other work on
the machine lengthens all delays: compare only what one run printed.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from confluent_kafka import Consumer, Producer

from infra.settings import ALERTS_TOPIC, EVENTS_TOPIC, SOURCE_HEADER, Settings, bootstrap, load_settings
from ingestion.sources.record import Record
from tests.bench.stream.contestants import ALL, CONTESTANTS, Contestant
from tests.bench.stream.load import evening, events, time_of
from tests.support.instance import instance

RULE, HOLD_S = "cel-05", 3
BEFORE_S = 10
"""Simulated seconds that are posted at once, so that engines are up and have decided before the clock runs."""
WARM_S, MEASURED_S = 20, 45
MARGIN_S = 6
"""The last seconds of the input are never closed: no later event comes."""
PATIENCE_S = 10
START_S = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facilities", type=int, nargs="+", default=[16, 32])
    parser.add_argument("--detainees", type=int, default=60)
    parser.add_argument("--fps", type=float, default=2.0)
    parser.add_argument("--only", nargs="+", default=["per event", f"ours, {ALL}"])
    given = parser.parse_args()
    chosen = [c for c in CONTESTANTS if any(part in c.name for part in given.only)]
    print(f"{'contender':<34} {'events/s':>9} {'p50 s':>7} {'p95 s':>7} {'p99 s':>7} {'alerts':>7} {'raised':>7}")
    for facilities in given.facilities:
        scenario = evening(facilities, BEFORE_S + WARM_S + MEASURED_S + MARGIN_S, given.detainees, given.fps)
        records = list(_climbing(events(scenario)))
        for one in chosen:
            delays = _run(one, records, scenario.start_ms, facilities)
            p50, p95, p99 = np.percentile(delays, (50, 95, 99), method="higher")
            print(
                f"{one.name:<34} {len(records) / scenario.live_seconds:>9,.0f} {p50:>7.2f} {p95:>7.2f} {p99:>7.2f}"
                f" {len(delays):>7,} {np.isfinite(delays).mean():>7.1%}",
                flush=True,
            )


def _climbing(records: Iterable[Record]) -> Iterator[Record]:
    """The records, with somebody who begins to climb in every second of a facility, for a second more than the hold."""
    last: dict[bytes | None, int] = {}
    for record in records:
        second = time_of(record) // 1000
        if last.get(record.key) == second or b'"track"' not in record.value:
            yield record
            continue
        last[record.key] = second
        frame: dict[str, Any] = orjson.loads(record.value)
        body = {k: v for k, v in frame["detections"][0].items() if k != "subject"}
        body |= {"posture": "climbing", "role": "detainee"}
        # Each under a name of its own, always on the same camera, that of the first frame with anybody in it.
        frame["detections"] += [body | {"track": f"climber-{n}"} for n in range(second - HOLD_S - 1, second + 1)]
        yield Record(record.key, orjson.dumps(frame), record.timestamp_ms, record.source)


def _run(one: Contestant, records: Sequence[Record], start_ms: int, facilities: int) -> npt.NDArray[np.float64]:
    """Delays (s) of all alerts measured; inf for those that did not come."""
    with tempfile.TemporaryDirectory() as folder, instance(Path(folder) / "broker") as broker:
        where = {"SAFEHOLD_HOME": f"{folder}/contender", "SAFEHOLD_KAFKA_BOOTSTRAP": bootstrap(broker)}
        settings = load_settings(home=Path(where["SAFEHOLD_HOME"]), kafka_bootstrap=bootstrap(broker))
        command = one.command()
        command = [part for part in command if part != "--until-drained"] if one.ours else [*command, "live"]
        env = os.environ | where | one.prepare(settings)
        first = next(i for i, record in enumerate(records) if time_of(record) >= start_ms + BEFORE_S * 1000)
        log = Path(folder) / "log"
        with log.open("wb") as out, Reader(broker) as reader:
            child = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
            try:
                _post(broker, records[:first], start_ms, None)
                end = time.monotonic() + START_S
                while not reader.seen:
                    if child.poll() is not None or time.monotonic() > end:
                        raise RuntimeError(f"{one.name} raises nothing:\n{log.read_text(errors='replace')[-3000:]}")
                    time.sleep(0.2)
                began = time.time() - BEFORE_S
                _post(broker, records[first:], start_ms, began)
                time.sleep(PATIENCE_S)
            finally:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        begin = start_ms // 1000 + BEFORE_S + WARM_S
        found = [
            at - (began + second + 1 - start_ms / 1000)
            for (_, _, second), at in reader.seen.items()
            if 0 <= second - begin < MEASURED_S
        ]
        return np.array([*found, *[np.inf] * (facilities * MEASURED_S - len(found))])


class Reader:
    """When each alert of the rule came (s since 1970): by facility, entity, and the second in which it was raised."""

    def __init__(self, broker: Settings) -> None:
        self.seen: dict[tuple[str, str, int], float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(bootstrap(broker),), daemon=True)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _read(self, servers: str) -> None:
        consumer = Consumer({"bootstrap.servers": servers, "group.id": "delay", "auto.offset.reset": "earliest"})
        consumer.subscribe([ALERTS_TOPIC])
        while not self._over.is_set():
            message = consumer.poll(0.1)
            if message is None or message.error():
                continue
            alert: dict[str, Any] = orjson.loads(message.value())
            if alert["rule"] != RULE or alert.get("step", "raised") != "raised" or alert.get("ended") is not None:
                continue
            ours = "subjects" in alert
            entity = "|".join(alert["subjects"]) if ours else alert["entity"]
            second = alert["raised_at"] // 1000 if ours else alert["raised_at"]
            self.seen.setdefault((alert["facility"], entity, second), time.time())
        consumer.close()


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


if __name__ == "__main__":
    main()
