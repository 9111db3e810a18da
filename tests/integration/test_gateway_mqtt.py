"""MQTT both ways: devices with their keys in, pushes of posts out, through a real mosquitto."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from infra.local.gateway import GatewayService
from infra.local.mqtt import MqttBroker, find_mosquitto
from infra.settings import Settings
from infra.settings.running import read_run
from tests.support.commands import must
from tests.support.gateway import FACILITY, gateway
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.patience import eventually
from tests.support.scene import T0, camera_state
from tests.support.topic import read_topic

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def running(broker_instance: Settings) -> Iterator[Settings]:  # noqa: F811
    if find_mosquitto() is None:
        message = "mosquitto is not installed (apt install mosquitto)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    MqttBroker().start(broker_instance)
    with gateway(broker_instance):
        yield broker_instance
    MqttBroker().stop(broker_instance)


def add(settings: Settings, name: str) -> str:
    command = ("device", "add", name, "--facility", FACILITY, "--type", "device", "--id", "cam-*", "--by", "e-1")
    return must(settings.home, *command).out.strip()


def client(settings: Settings, name: str, key: str) -> tuple[Client, list[str]]:
    """A connected device, and what the broker said to its connection."""
    said: list[str] = []
    made = Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=MQTTv5)
    made.username_pw_set(name, key)
    made.on_connect = lambda _c, _u, _f, reason, _p: said.append(str(reason))
    host, _, port = MqttBroker().address(settings).partition(":")
    made.connect(host, int(port))
    made.loop_start()
    eventually(lambda: said)
    return made, said


def publish(device: Client, name: str, *payloads: bytes) -> None:
    for payload in payloads:
        device.publish(f"safehold/{name}/events", payload, qos=1).wait_for_publish(20)


def dark(number: int) -> bytes:
    return camera_state(T0 + number, "dark").model_dump_json().encode()


def landed(settings: Settings, name: str) -> list[bytes]:
    return [r.value for r in read_topic(settings, f"gateway/{name}")]


def test_a_device_publishes_with_its_key_to_its_own_topic_only(running: Settings) -> None:
    key = add(running, "mq-1")
    add(running, "mq-2")
    device, said = client(running, "mq-1", key)
    assert said == ["Success"]
    publish(device, "mq-1", dark(1), b"{oops", dark(2))
    publish(device, "mq-2", dark(3))  # in another's name: the broker lets it fall
    publish(device, "mq-1", dark(4))
    eventually(lambda: landed(running, "mq-1") == [dark(1), dark(2), dark(4)])
    assert landed(running, "mq-2") == []
    device.loop_stop()
    assert client(running, "mq-1", key + "x")[1][0] != "Success"


def test_a_rotated_key_and_a_revoked_device_are_out(running: Settings) -> None:
    old = add(running, "mq-3")
    connected, _ = client(running, "mq-3", old)
    new = must(running.home, "device", "rotate", "mq-3", "--by", "e-1").out.strip()
    eventually(lambda: client(running, "mq-3", new)[1] == ["Success"])
    must(running.home, "device", "revoke", "mq-3", "--by", "e-1", "--why", "stolen")
    eventually(lambda: not connected.is_connected())  # the broker looks again at who is connected
    eventually(lambda: client(running, "mq-3", new)[1][0] != "Success")
    assert landed(running, "mq-3") == []


def test_what_is_published_while_the_gateway_is_killed_arrives_once_it_is_back(running: Settings) -> None:
    device, _ = client(running, "mq-4", add(running, "mq-4"))
    record = read_run(running, "gateway")
    assert record is not None
    publish(device, "mq-4", *[dark(100 + n) for n in range(20)])
    os.kill(record.pid, signal.SIGKILL)
    eventually(lambda: not record.is_alive())
    publish(device, "mq-4", *[dark(200 + n) for n in range(20)])
    GatewayService().start(running)
    wanted = {dark(base + n) for base in (100, 200) for n in range(20)}
    eventually(lambda: set(landed(running, "mq-4")) == wanted)
    assert json.loads(dark(1))["facility"] == FACILITY
