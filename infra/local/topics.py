"""The topics of an instance, and whether a broker answers."""

from __future__ import annotations

import logging

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from infra.settings import EVENTS_TOPIC, MAX_RECORD_BYTES, SafeholdError, Settings, bootstrap

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
    """Make the topic `events` where it does not exist; returns the names of those made.

    Records keep the time of their receipt and are never deleted by age: a replay's records may be
    years old. The broker's own refusal of times more than an hour ahead stays.

    Raises:
        UserError: no broker.
        SafeholdError: the broker refuses.
    """
    client = admin(bootstrap(settings))
    topic = NewTopic(
        EVENTS_TOPIC,
        num_partitions=settings.events_partitions,
        config={
            "retention.ms": "-1",
            "message.timestamp.type": "CreateTime",
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
        },
    )
    try:
        if EVENTS_TOPIC in client.list_topics(timeout=15).topics:
            return []
        client.create_topics([topic], operation_timeout=15)[EVENTS_TOPIC].result(timeout=20)
    except KafkaException as error:
        raise SafeholdError(f"topic {EVENTS_TOPIC} cannot be made: {error}", where=bootstrap(settings)) from error
    return [EVENTS_TOPIC]
