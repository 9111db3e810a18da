"""What a device sent: split into records, each judged by its contract and by what the device may say."""

from __future__ import annotations

import msgspec

from ingestion.contracts.decode import Refusal, decode
from ingestion.gateway.devices import Device
from ingestion.landing import Withheld
from ingestion.sources.record import Record

_LIST = msgspec.json.Decoder(list[msgspec.Raw])


def split_body(body: bytes) -> list[bytes]:
    """Records of a request: a JSON list's members, else one a line. Bytes are kept as they came."""
    if body.lstrip()[:1] == b"[":
        try:
            return [bytes(raw) for raw in _LIST.decode(body)]
        except (msgspec.DecodeError, RecursionError):
            return [body]  # one record that is no JSON: it is quarantined as it is
    return [line for line in body.split(b"\n") if line.strip()]


def judge(device: Device, payload: bytes) -> Record | Withheld:
    """The record to land, or to withhold with the reason."""
    record = Record(device.facility.encode(), payload, source=f"gateway/{device.name}")
    event = decode(record.key, payload)
    if isinstance(event, Refusal):
        return Withheld(record, event.reason, event.detail)
    kind = type(event).__struct_config__.tag
    if kind not in device.types:
        return Withheld(record, "not_allowed", f"device {device.name} may not post events of type {kind}")
    if not device.may_name(event.device):
        return Withheld(record, "not_allowed", f"device {device.name} may not speak for {event.device}")
    return record
