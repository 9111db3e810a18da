"""Bytewax: a Kafka source, a stateful step a facility, a sink that appends with PyIceberg. One worker, no recovery."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bytewax.operators as op
import orjson
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

from infra.settings import EVENTS_TOPIC, bootstrap, load_settings
from tests.bench.stream.contenders.rows import Writer
from tests.bench.stream.contenders.rules import the_rules
from tests.bench.stream.ruleset import Alert, Facility, Features

SETTINGS = load_settings()


class _Lake(StatelessSinkPartition[tuple[str, Alert | Features]]):
    def __init__(self) -> None:
        self._writer = Writer(SETTINGS)

    def write_batch(self, items: list[tuple[str, Alert | Features]]) -> None:
        for facility, one in items:
            self._writer.add(facility, [one])

    def close(self) -> None:
        self._writer.commit()


class Lake(DynamicSink[tuple[str, Alert | Features]]):
    def build(self, step_id: str, worker_index: int, worker_count: int) -> _Lake:
        return _Lake()


def flow() -> Dataflow:
    rules = the_rules()

    def decide(facility: Facility | None, value: bytes) -> tuple[Facility, Iterable[Any]]:
        facility = facility or Facility()
        return facility, rules.on_event(facility, orjson.loads(value))

    made = Dataflow("rules")
    source = KafkaSource([bootstrap(SETTINGS)], [EVENTS_TOPIC], tail=False)
    keyed = op.map("key", op.input("topic", made, source), lambda m: (m.key.decode(), m.value))
    op.output("lake", op.stateful_flat_map("decide", keyed, decide), Lake())
    return made


if __name__ == "__main__":
    run_main(flow())
