"""Events over MQTT: a device publishes to ``safehold/<its name>/events`` with QoS 1.

The broker checks names and keys and lets a device publish to its own topic only (see infra/local/mqtt.py). A message
is confirmed to the broker after it is on the disk; until then the broker, whose session for us is persistent, keeps it.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from infra.settings import UserError
from ingestion.gateway.check import judge, split_body
from ingestion.gateway.devices import Device, Devices
from ingestion.gateway.inbox import Full, Inbox
from ingestion.gateway.quota import Quotas
from ingestion.landing import Withheld
from ingestion.sources.record import Record

LOG = logging.getLogger("safehold.mqtt")
USER = "safehold"
TOPIC = "safehold/+/events"
SESSION_S = 7 * 86_400
IN_FLIGHT = 50


class MqttSource:
    """Takes what devices publish. Start it once; it finds the broker again by itself."""

    def __init__(self, host: str, port: int, password: str, devices: Devices, inbox: Inbox, quotas: Quotas) -> None:
        self._devices, self._inbox, self._quotas, self._at = devices, inbox, quotas, (host, port)
        self._stopped = False
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id="safehold-gateway", protocol=MQTTv5, manual_ack=True
        )
        self._client.username_pw_set(USER, password)
        self._client.on_connect = self._subscribe
        self._client.on_message = self._take

    def start(self) -> None:
        """Connect in the background."""
        lasting = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        lasting.SessionExpiryInterval = SESSION_S
        lasting.ReceiveMaximum = IN_FLIGHT
        self._client.connect_async(*self._at, keepalive=30, clean_start=False, properties=lasting)
        self._client.loop_start()

    def stop(self) -> None:
        self._stopped = True
        self._client.disconnect()
        self._client.loop_stop()

    def _subscribe(self, client: Client, *_: Any) -> None:
        client.subscribe(TOPIC, qos=1)

    def _take(self, client: Client, _: Any, message: MQTTMessage) -> None:
        name = message.topic.split("/")[1]
        items = self._judged(name, bytes(message.payload))
        while not self._stopped:
            try:
                if items:
                    self._inbox.offer(items)
            except Full:
                time.sleep(1)  # nothing more is read meanwhile: the broker holds the rest
                continue
            client.ack(message.mid, message.qos)
            return

    def _judged(self, name: str, payload: bytes) -> list[Record | Withheld]:
        payloads = split_body(payload)
        device = self._device(name)
        if device is None:
            source = f"gateway/{name}"
            why = f"there is no device {name} that may post"
            return [Withheld(Record(None, one, source=source), "not_allowed", why) for one in payloads]
        while (seconds := self._quotas.take(f"device {name}", len(payloads), device.per_second)) and not self._stopped:
            time.sleep(min(seconds, 1))
        return [judge(device, one) for one in payloads]

    def _device(self, name: str) -> Device | None:
        try:
            device = self._devices.named(name)
        except UserError:
            return None
        return None if device.revoked else device
