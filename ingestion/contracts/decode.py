"""Whether bytes are an event: the same verdict, with the same words, at the gateway and in the stream job."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from ingestion.contracts.derived import QuarantineReason
from ingestion.contracts.registry import EVENTS
from ingestion.contracts.schemas import event_decoder

DECODER = event_decoder(EVENTS.values())
DETAIL = 2000  # characters of a quarantine row's detail


class Refusal(NamedTuple):
    """Why a record is withheld, and what to do about it."""

    reason: QuarantineReason
    detail: str


def decode(key: bytes | None, payload: bytes | None) -> Any | Refusal:
    """The event in a record, or why there is none."""
    if key is None:
        return Refusal("no_key", "the record has no key; key it with the id of its facility")
    if payload is None:
        return Refusal("malformed_json", "the record has no value; post one JSON object")
    try:
        event = DECODER.decode(payload)
    except msgspec.ValidationError as error:
        return Refusal("contract", f"{error}; see the contract's page for its fields"[:DETAIL])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        try:
            payload.decode("utf-8")
        except UnicodeDecodeError as wrong:
            return Refusal("not_utf8", f"byte {wrong.start} is not UTF-8; post JSON encoded as UTF-8")
        return Refusal("malformed_json", f"{error}; post one JSON object a record"[:DETAIL])
    if event.facility.encode() != key:
        return Refusal("key_mismatch", f"the key is {key[:80]!r} but the event is of facility {event.facility!r}")
    return event
