"""One plain Python process: a Kafka consumer, orjson, the rules, PyIceberg."""

from __future__ import annotations

import os

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from infra.settings import EVENTS_TOPIC, bootstrap, load_settings
from tests.bench.stream.contenders.rows import Writer
from tests.bench.stream.contenders.rules import the_rules
from tests.bench.stream.ruleset import Facility


def main() -> None:
    settings, rules = load_settings(), the_rules()
    consumer = Consumer(
        {"bootstrap.servers": bootstrap(settings), "group.id": f"plain-{os.getpid()}", "enable.auto.commit": False}
    )
    partitions = consumer.list_topics(EVENTS_TOPIC, timeout=10).topics[EVENTS_TOPIC].partitions
    consumer.assign([TopicPartition(EVENTS_TOPIC, number, OFFSET_BEGINNING) for number in partitions])
    edges = [consumer.get_watermark_offsets(TopicPartition(EVENTS_TOPIC, number), timeout=10) for number in partitions]
    left = sum(high - low for low, high in edges)
    writer = Writer(settings)
    facilities: dict[bytes | None, Facility] = {}
    while left:
        messages = consumer.consume(1000, timeout=0.2)
        left -= len(messages)
        for message in messages:
            key = message.key()
            facility = facilities.get(key)
            if facility is None:
                facility = facilities[key] = Facility()
            found = rules.on_event(facility, orjson.loads(message.value()))
            if found:
                writer.add(key.decode(), found)
    writer.commit()
    consumer.close()


if __name__ == "__main__":
    main()
