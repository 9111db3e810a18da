"""The topics of an instance, and whether a broker answers."""

from __future__ import annotations

import logging

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from infra.settings import ALERTS_TOPIC, EVENTS_TOPIC, MAX_RECORD_BYTES, SafeholdError, Settings, bootstrap

MAX_MESSAGE_BYTES = 2 * MAX_RECORD_BYTES
"""Room for the largest record with its key, headers and the batch around it."""

_SILENT = logging.getLogger("safehold.kafka-probe")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


def admin(address: str) -> AdminClient:
    """An admin client that keeps refused connections from the user's screen."""
    return AdminClient({"bootstrap.servers": address, "socket.connection.setup.timeout.ms": 5000}, logger=_SILENT)


def answers(address: str, timeout_s: float = 2.0) -> bool:
    """True if a broker at this address answers an admin client and says who it is."""
    try:
        return bool(admin(address).list_topics(timeout=timeout_s).brokers)
    except KafkaException:
        return False


def ensure_topics(settings: Settings) -> list[str]:
    """Make the topics that do not exist yet; returns the names of those made.

    Records of `events` keep the time of their receipt and are never deleted by age: a replay's records may be
    years old. The broker's own refusal of times more than an hour ahead stays.

    Raises:
        UserError: no broker.
        SafeholdError: the broker refuses.
    """
    client = admin(bootstrap(settings))
    topics = [
        NewTopic(
            EVENTS_TOPIC,
            num_partitions=settings.events_partitions,
            config={
                "retention.ms": "-1",
                "message.timestamp.type": "CreateTime",
                "max.message.bytes": str(MAX_MESSAGE_BYTES),
            },
        ),
        # The lake has every alert; the topic only carries them to the response.
        NewTopic(ALERTS_TOPIC, num_partitions=settings.events_partitions, config={"retention.ms": str(7 * 86_400_000)}),
    ]
    try:
        there = client.list_topics(timeout=15).topics
        missing = [topic for topic in topics if topic.topic not in there]
        for made in client.create_topics(missing, operation_timeout=15).values() if missing else ():
            made.result(timeout=20)
    except KafkaException as error:
        raise SafeholdError(f"topics cannot be made: {error}", where=bootstrap(settings)) from error
    return [topic.topic for topic in missing]
