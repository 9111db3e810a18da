"""Events over HTTP: garbage, floods, an absent broker and kills lose nothing."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.broker import Broker
from infra.local.gateway import GatewayService
from infra.settings import Settings, open_catalog
from infra.settings.running import read_run
from ingestion.gateway import Devices, Full, Inbox
from ingestion.sources.record import Record
from tests.support.gateway import FACILITY, gateway
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.patience import eventually
from tests.support.scene import T0, camera_state
from tests.support.topic import read_topic

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def address(broker_instance: Settings) -> Iterator[str]:  # noqa: F811
    with gateway(broker_instance) as address:
        yield address


def key_of(settings: Settings, name: str, per_second: float = 100_000) -> tuple[str, str]:
    devices = Devices(settings.access_db)
    try:
        return name, devices.add(name, FACILITY, ("device",), ("cam-*",), per_second)
    finally:
        devices.close()


def dark(number: int) -> bytes:
    return camera_state(T0 + number, "dark").model_dump_json().encode()


def post(address: str, auth: tuple[str, str], body: bytes) -> requests.Response:
    return requests.post(f"{address}/events", data=body, auth=auth, timeout=60)


def landed(settings: Settings, source: str) -> list[bytes]:
    return [r.value for r in read_topic(settings, source)]


def quarantined(settings: Settings, source: str) -> Counter[str]:
    rows = open_catalog(settings).load_table("silver.quarantine").scan().to_arrow().to_pylist()
    return Counter(row["reason"] for row in rows if row["source"] == source)


def counts(settings: Settings, source: str) -> tuple[int, int, int]:
    rows = open_catalog(settings).load_table("bronze.landing").scan().to_arrow().to_pylist()
    mine = [row for row in rows if row["source"] == source]
    return tuple(sum(row[name] for row in mine) for name in ("offered", "landed", "quarantined"))  # type: ignore[return-value]


def test_a_batch_lands_and_its_bad_records_are_named_and_quarantined(
    address: str,
    broker_instance: Settings,  # noqa: F811
) -> None:
    auth = key_of(broker_instance, "nvr-1")
    reply = post(address, auth, b"\n".join([dark(1), b"{oops", dark(2), b'{"type": "device"}']))
    assert reply.status_code == 202
    told = reply.json()
    assert (told["taken"], told["quarantined"]) == (4, 2)
    assert [(f["record"], f["reason"]) for f in told["faults"]] == [(1, "malformed_json"), (3, "contract")]
    source = "gateway/nvr-1"
    eventually(lambda: counts(broker_instance, source) == (4, 2, 2))
    assert landed(broker_instance, source) == [dark(1), dark(2)]
    assert quarantined(broker_instance, source) == {"malformed_json": 1, "contract": 1}


@pytest.mark.parametrize("auth", [None, ("nvr-x", "no"), ("", ""), ("\u00fc", "\u00fc")])
def test_without_a_good_key_nothing_is_taken(address: str, auth: tuple[str, str] | None) -> None:
    given_auth = (auth[0].encode(), auth[1].encode()) if auth else None
    reply = requests.post(f"{address}/events", data=dark(1), auth=given_auth, timeout=30)
    assert reply.status_code == 401


def test_guessing_keys_is_slowed_down(address: str) -> None:
    codes = [post(address, ("guessed", str(n)), dark(1)).status_code for n in range(15)]
    assert codes[0] == 401
    assert codes[-1] == 429


def test_a_flood_is_told_when_to_come_again(address: str, broker_instance: Settings) -> None:  # noqa: F811
    auth = key_of(broker_instance, "nvr-2", per_second=1)
    assert post(address, auth, b"\n".join(dark(n) for n in range(10))).status_code == 202
    reply = post(address, auth, dark(11))
    assert reply.status_code == 429
    assert int(reply.headers["Retry-After"]) >= 1


def test_too_long_a_body_is_refused_as_a_whole(address: str, broker_instance: Settings) -> None:  # noqa: F811
    auth = key_of(broker_instance, "nvr-3")
    assert post(address, auth, b"[" + b" " * 9_000_000 + b"]").status_code == 413
    assert post(address, auth, b"1\n" * 20_001).status_code == 413


def test_garbage_of_any_kind_is_counted_and_never_breaks_the_gateway(
    address: str,
    broker_instance: Settings,  # noqa: F811
) -> None:
    auth = key_of(broker_instance, "fuzz")
    source, total = "gateway/fuzz", Counter[str]()
    event = json.loads(dark(0))
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
        max_leaves=6,
    )
    nearly = st.tuples(st.sampled_from(sorted(event)), values).map(lambda c: json.dumps({**event, c[0]: c[1]}).encode())
    bodies = (
        st.binary(max_size=200)
        | nearly
        | st.lists(nearly, max_size=3).map(b"\n".join)
        | values.map(lambda value: json.dumps([value]).encode())
    )

    @given(bodies)
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def throw(body: bytes) -> None:
        reply = post(address, auth, body)
        assert reply.status_code == 202, (reply.status_code, body)
        total.update(taken=reply.json()["taken"], bad=reply.json()["quarantined"])

    throw()
    eventually(lambda: counts(broker_instance, source) == (total["taken"], total["taken"] - total["bad"], total["bad"]))
    assert quarantined(broker_instance, source).total() == total["bad"]


def test_a_killed_gateway_has_lost_nothing_that_it_took_and_sends_nothing_twice(
    address: str,
    broker_instance: Settings,  # noqa: F811
) -> None:
    auth = key_of(broker_instance, "killed")
    source, taken = "gateway/killed", 0
    for kill in range(3):
        for n in range(40):
            number = 10_000 * (kill + 1) + n
            if post(address, auth, dark(number)).status_code == 202:
                taken += 1
        record = read_run(broker_instance, "gateway")
        assert record is not None
        os.kill(record.pid, signal.SIGKILL)
        eventually(lambda gone=record: not gone.is_alive())
        GatewayService().start(broker_instance)
    eventually(lambda: len(landed(broker_instance, source)) >= taken)
    values = landed(broker_instance, source)
    assert (len(values), len(set(values))) == (taken, taken)
    eventually(lambda: counts(broker_instance, source) == (taken, taken, 0))


def test_while_the_broker_is_away_records_wait_on_the_disk(address: str, broker_instance: Settings) -> None:  # noqa: F811
    auth = key_of(broker_instance, "waits")
    Broker().stop(broker_instance)
    assert all(post(address, auth, dark(n)).status_code == 202 for n in range(20))
    Broker().start(broker_instance)
    eventually(lambda: len(landed(broker_instance, "gateway/waits")) == 20)


def test_a_full_spool_takes_nothing_more(tmp_path: Any, broker_instance: Settings) -> None:  # noqa: F811
    inbox = Inbox(broker_instance.model_copy(update={"home": tmp_path}), limit_bytes=1000)
    inbox.offer([Record(b"330101", b"x" * 1000)])
    assert inbox.is_full
    with pytest.raises(Full):
        inbox.offer([Record(b"330101", b"y")])
