"""Keys of devices: who may post what, until when; and how much."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.settings import UserError
from ingestion.contracts import AccessEvent, DeviceHealth, RuleChange
from ingestion.gateway import Device, Devices, Quotas, judge, split_body
from ingestion.gateway.devices import hash_key
from ingestion.landing import Withheld
from tests.support.scene import FACILITY, T0, camera_state

CAMERAS = Device("nvr-1", FACILITY, ("device", "video"), ("cam-*",), 200, False)


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[Devices]:
    opened = Devices(tmp_path / "access.db")
    yield opened
    opened.close()


def test_a_device_is_known_by_its_name_and_key_and_the_key_is_kept_nowhere(devices: Devices, tmp_path: Path) -> None:
    key = devices.add("nvr-1", FACILITY, ("video",))
    found = devices.who("nvr-1", key)
    assert found is not None
    assert (found.facility, found.types) == (FACILITY, ("video",))
    assert devices.who("nvr-1", key + "x") is None
    assert devices.who("nvr-2", key) is None
    devices.close()
    assert all(key.encode() not in path.read_bytes() for path in tmp_path.iterdir())


def test_after_a_rotation_the_old_key_is_good_for_the_overlap_only(devices: Devices) -> None:
    old = devices.add("nvr-1", FACILITY, ("video",))
    new = devices.rotate("nvr-1", overlap_s=60)
    assert devices.who("nvr-1", new)
    assert devices.who("nvr-1", old)
    newest = devices.rotate("nvr-1", overlap_s=0)
    assert devices.who("nvr-1", newest)
    assert devices.who("nvr-1", new) is None


def test_a_revoked_device_is_out_at_once_and_for_good(devices: Devices) -> None:
    key = devices.add("nvr-1", FACILITY, ("video",))
    devices.rotate("nvr-1", overlap_s=60)
    devices.revoke("nvr-1")
    assert devices.who("nvr-1", key) is None
    assert devices.hashes() == {}
    with pytest.raises(UserError, match="revoked"):
        devices.rotate("nvr-1", overlap_s=0)


@pytest.mark.parametrize(
    ("name", "types", "what"),
    [
        ("a b", ("video",), "no name"),
        ("a", ("shout",), "no event type"),
        ("a", (), "nothing"),
        ("", ("video",), "no name"),
    ],
)
def test_a_device_that_makes_no_sense_is_refused(
    devices: Devices, name: str, types: tuple[str, ...], what: str
) -> None:
    with pytest.raises(UserError, match=what):
        devices.add(name, FACILITY, types)


def test_mosquitto_reads_the_hashes(tmp_path: Path) -> None:
    """Its own tool rewrites no entry that is hashed already, and would hash one that it does not know."""
    tool = shutil.which("mosquitto_passwd")
    if tool is None:
        pytest.skip("mosquitto is not installed (apt install mosquitto)")
    line = f"nvr-1:{hash_key('secret')}\n"
    file = tmp_path / "passwords"
    file.write_text(line, encoding="ascii")
    file.chmod(0o600)
    subprocess.run([tool, "-D", str(file), "nobody"], check=False, capture_output=True)
    assert file.read_text(encoding="ascii") == line


def judged(event: object) -> str:
    raw = event if isinstance(event, bytes) else event.model_dump_json().encode()  # type: ignore[attr-defined]
    item = judge(CAMERAS, raw)
    record = item.record if isinstance(item, Withheld) else item
    assert record.value == raw
    return item.reason if isinstance(item, Withheld) else "landed"


def test_each_record_is_judged_by_its_contract_and_by_what_the_device_may_say() -> None:
    own: DeviceHealth = camera_state(T0, "dark")
    assert judged(own) == "landed"
    assert judged(own.model_copy(update={"facility": "330102"})) == "key_mismatch"
    assert judged(own.model_copy(update={"device": "door-1"})) == "not_allowed"
    assert judged(b"{not json") == "malformed_json"
    assert judged(b"\xff\xfe") == "not_utf8"
    assert judged(b'{"type": "device"}') == "contract"


def test_a_device_does_not_change_rules() -> None:
    change = RuleChange(
        facility=FACILITY,
        event_time=T0,
        device="cam-1",
        change="c-1",
        action="disable",
        rule="cel-01",
        mode="active",
        definition="",
        by="e-1",
        reason="no",
    )
    assert judged(change) == "not_allowed"
    assert AccessEvent.TYPE not in CAMERAS.types


def test_a_body_is_a_list_or_one_record_a_line_and_its_bytes_are_kept() -> None:
    assert split_body(b'[{"a": 1},\n {"b":2}]') == [b'{"a": 1}', b'{"b":2}']
    assert split_body(b'{"a": 1}\n\n{"b":2}\r\n') == [b'{"a": 1}', b'{"b":2}\r']
    assert split_body(b'[{"a": 1}') == [b'[{"a": 1}']
    assert split_body(b"") == []
    assert json.loads(split_body(b"[[[]]]")[0]) == [[]]


def test_a_bucket_fills_at_its_rate_and_says_how_long_to_wait() -> None:
    now = 0.0
    quotas = Quotas(lambda: now)
    assert quotas.take("a", 100, per_second=10) == 0
    assert quotas.take("a", 5, per_second=10) == 0.5
    assert quotas.take("b", 5, per_second=10) == 0
    now = 0.5
    assert quotas.take("a", 5, per_second=10) == 0
    now = 1000.0
    assert quotas.take("a", 500, per_second=10) == 0, "a batch above the burst passes a full bucket"
    assert quotas.take("a", 1, per_second=10) > 40, "and is paid for afterwards"
