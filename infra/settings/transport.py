"""What all sides of the transport agree on: the broker's address, the topic, the records' limits."""

from __future__ import annotations

from infra.settings.errors import UserError
from infra.settings.model import Settings
from infra.settings.running import BROKER, read_run

EVENTS_TOPIC = "events"
"""Topic of all events; key = facility id."""

ALERTS_TOPIC = "alerts"
"""Topic of alerts as the stream job raises and clears them, for the response; key = facility id."""

SOURCE_HEADER = "source"
"""Header of a record that names its source (UTF-8)."""

MAX_RECORD_BYTES = 1024 * 1024
"""A larger record is not sent: the landing quarantines it."""


def bootstrap(settings: Settings) -> str:
    """Address of the broker: the one set, or that of the instance's running broker.

    Raises:
        UserError: none is set and the instance's broker does not run.
    """
    if settings.kafka_bootstrap:
        return settings.kafka_bootstrap
    record = read_run(settings, BROKER)
    if record is None:
        raise UserError("the broker is not running", where=str(settings.home), do="start it with: safehold up")
    if not record.is_alive():
        raise UserError("the broker has stopped by itself", where=record.log, do="start it again with: safehold up")
    return record.address
