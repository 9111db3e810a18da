"""PyFlink per event: a KeyedProcessFunction with keyed state and a timer a second, as its documentation shows.

The facility's state is one pickled value, kept as an object beside the state and written through. In
process mode that may be done with every event, since Flink pickles it once a bundle only. In thread
mode each update is pickled at once, so there the state is written when a second closes, and the
second's events until then are kept in a list state, from which a restart goes on.

    python -m tests.bench.stream.contenders.pyflink_events process|thread [live]

It ends with the topic as it was when it began; ``live`` goes on until it is killed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import orjson

from infra.settings import ALERTS_TOPIC, EVENTS_TOPIC, Settings, bootstrap, load_settings
from streaming_jobs.jobs.environment import job_options, prepare_gateway
from tests.bench.stream.contenders.rows import ALERTS, FEATURES
from tests.bench.stream.contenders.rules import the_rules
from tests.bench.stream.ruleset import Alert, Facility

SETTINGS = load_settings()
prepare_gateway(SETTINGS)

from pyflink.common import Configuration, Row, Types, WatermarkStrategy  # noqa: E402
from pyflink.common.serialization import SimpleStringSchema  # noqa: E402
from pyflink.datastream import DataStream, KeyedProcessFunction, RuntimeContext, StreamExecutionEnvironment  # noqa: E402
from pyflink.datastream.connectors.kafka import KafkaOffsetsInitializer, KafkaSource  # noqa: E402
from pyflink.datastream.state import ListStateDescriptor, ValueStateDescriptor  # noqa: E402
from pyflink.table import StreamTableEnvironment  # noqa: E402

from streaming_jobs.jobs.pipeline import catalog_sql  # noqa: E402

ROW = Types.ROW_NAMED(
    ["facility", "rule", "entity", "onset", "raised_at", "ended", "body"],
    [
        Types.STRING(),
        Types.STRING(),
        Types.STRING(),
        Types.LONG(),
        Types.LONG(),
        Types.LONG(),
        Types.PRIMITIVE_ARRAY(Types.BYTE()),
    ],
)
_FACILITY = '"facility":"'


def facility_of(payload: str) -> str:
    """The key, cut out of the text: cheaper than to parse it twice."""
    begin = payload.index(_FACILITY) + len(_FACILITY)
    return payload[begin : payload.index('"', begin)]


class Rules(KeyedProcessFunction):
    def __init__(self, cheap_updates: bool) -> None:
        self.cheap_updates = cheap_updates

    def open(self, runtime_context: RuntimeContext) -> None:
        self.rules = the_rules()
        self.known: dict[str, Facility] = {}
        self.state = runtime_context.get_state(ValueStateDescriptor("facility", Types.PICKLED_BYTE_ARRAY()))
        self.since = runtime_context.get_list_state(ListStateDescriptor("since", Types.STRING()))

    def _facility(self, key: str) -> Facility:
        facility = self.known.get(key)
        if facility is None:
            facility = self.known[key] = self.state.value() or Facility()
            for value in self.since.get() or ():
                self.rules.on_event(facility, orjson.loads(value))
        return facility

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        key = ctx.get_current_key()
        facility = self._facility(key)
        before = facility.second
        found = self.rules.on_event(facility, orjson.loads(value))
        closed = facility.second != before
        if closed:  # a timer closes the second where no event follows
            ctx.timer_service().register_event_time_timer((facility.second + 1) * 1000)
        if closed or self.cheap_updates:
            self.state.update(facility)
            if not self.cheap_updates:
                self.since.clear()
        else:
            self.since.add(value)
        for one in found:
            yield _row(key, one)

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Iterator[Row]:
        key = ctx.get_current_key()
        facility = self._facility(key)
        found = self.rules.on_time(facility, timestamp // 1000)
        if found:
            self.state.update(facility)
            if not self.cheap_updates:
                self.since.clear()
        for one in found:
            yield _row(key, one)


def _row(key: str, one: Any) -> Row:
    if isinstance(one, Alert):
        return Row(key, one.rule, one.entity, one.onset, one.at, one.ended, None)
    return Row(key, None, None, None, one.at, None, one.body)


def _stream(env: StreamExecutionEnvironment, settings: Settings, bounded: bool) -> DataStream:
    builder = (
        KafkaSource.builder()
        .set_bootstrap_servers(bootstrap(settings))
        .set_topics(EVENTS_TOPIC)
        .set_group_id("per-event")
        .set_starting_offsets(KafkaOffsetsInitializer.earliest())
        .set_value_only_deserializer(SimpleStringSchema())
    )
    if bounded:
        builder = builder.set_bounded(KafkaOffsetsInitializer.latest())
    return env.from_source(builder.build(), WatermarkStrategy.for_monotonous_timestamps(), "topic")


def main(mode: str, live: bool) -> None:
    options = Configuration()
    chosen = job_options(SETTINGS, None) | {"python.execution-mode": mode}
    del chosen["python.fn-execution.bundle.time"]  # Flink's own second makes larger bundles, which is cheaper
    for name, value in chosen.items():
        options.set_string(name, value)
    env = StreamExecutionEnvironment.get_execution_environment(options)
    tables = StreamTableEnvironment.create(env)
    decided = (
        _stream(env, SETTINGS, bounded=not live)
        .key_by(facility_of, Types.STRING())
        .process(Rules(mode == "process"), ROW)
    )
    tables.create_temporary_view("decided", tables.from_data_stream(decided))
    tables.execute_sql(catalog_sql(SETTINGS))
    tables.execute_sql(
        f"""CREATE TEMPORARY TABLE alerts (facility STRING, rule STRING, entity STRING, onset BIGINT, raised_at BIGINT,
        ended BIGINT) WITH ('connector' = 'kafka', 'topic' = '{ALERTS_TOPIC}',
        'properties.bootstrap.servers' = '{bootstrap(SETTINGS)}', 'properties.linger.ms' = '0', 'value.format' = 'json',
        'sink.delivery-guarantee' = 'at-least-once')"""
    )
    inserts = tables.create_statement_set()
    columns = "facility, rule, entity, onset, raised_at, ended"
    inserts.add_insert_sql(f"INSERT INTO alerts SELECT {columns} FROM decided WHERE rule IS NOT NULL")
    inserts.add_insert_sql(
        f"""INSERT INTO `lake`.{ALERTS.replace(".", ".`")}` SELECT {columns}
        FROM decided WHERE rule IS NOT NULL"""
    )
    inserts.add_insert_sql(
        f"""INSERT INTO `lake`.{FEATURES.replace(".", ".`")}` SELECT facility, raised_at, body
        FROM decided WHERE body IS NOT NULL"""
    )
    inserts.attach_as_datastream()
    env.execute("per-event")


if __name__ == "__main__":
    main(sys.argv[1], "live" in sys.argv[2:])
