"""The signed extract of a stay's custody code, for a court or a prison's assessment.

A text file: one JSON object, written in one way only (sorted names, two spaces), and a last line
``-- ed25519 KEY SIGNATURE`` over every byte before it. KEY is the digest of the public key. Any other
byte in the file makes :func:`verify` fail, also one that JSON would not care about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ingestion.contracts import content_id
from streaming_jobs.catalogue.custody_code import CodeRules

FORM = "safehold custody code extract 1"
_SEAL = re.compile(rb"-- ed25519 ([0-9a-f]{32}) ([0-9a-f]{128})\n")


@dataclass(frozen=True)
class Asked:
    """What an extract is about and who wanted it; times in ms."""

    stay: str
    at: int
    known_on: int
    by: str
    why: str


class NotGenuine(ValueError):
    """An extract that is not as it was sealed, or not sealed with this key; says what is wrong."""


def as_known(rows: Iterable[Mapping[str, Any]], at: int, known_on: int) -> list[dict[str, Any]]:
    """The periods of one stay up to a moment, as known at another (ms): rows of ``silver.custody_code``, in order."""
    known = {row["code_id"]: dict(row) for row in rows if row["known_from"] <= known_on}
    edition = max((row["edition"] for row in known.values()), default=0)
    found = [row for row in known.values() if row["edition"] == edition and row["at"] <= at]
    return sorted(found, key=lambda row: int(row["number"]))


def key_id(key: Ed25519PublicKey) -> str:
    """Digest of a public key, 32 hex digits."""
    return content_id(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def body_of(periods: list[dict[str, Any]], rules: CodeRules, asked: Asked) -> dict[str, Any]:
    """What an extract says: the code, its history, the entries, and the rules in force.

    Args:
        periods: as :func:`as_known` gives them; at least one.
    """
    last = periods[-1]
    shown = ("at", "level", "proposed", "points", "review_due", "expires", "overdue", "act", "by", "ground")
    return {
        "form": FORM,
        "facility": last["facility"],
        "stay": asked.stay,
        "subject": last["subject"],
        "at": asked.at,
        "known_on": asked.known_on,
        "extracted_by": asked.by,
        "purpose": asked.why,
        "code": {name: last[name] for name in shown},
        "entries": json.loads(last["entries"]),
        "history": [{**{name: row[name] for name in shown}, "known_from": row["known_from"]} for row in periods],
        "rules": {"name": last["rules"], "text": rules.model_dump(mode="json", by_alias=True)},
    }


def seal(body: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """The bytes of the file."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, indent=2).encode() + b"\n"
    return text + f"-- ed25519 {key_id(key.public_key())} {key.sign(text).hex()}\n".encode()


def verify(data: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """What a genuine extract says.

    Raises:
        NotGenuine: a byte differs, the seal is missing, or it was made with another key.
    """
    cut = data.rfind(b"-- ed25519 ")
    match = _SEAL.fullmatch(data[cut:]) if cut > 0 else None
    if match is None:
        raise NotGenuine("the last line is no seal: it is damaged, or something was added after it")
    if match[1].decode() != key_id(key):
        raise NotGenuine(f"it was sealed with key {match[1].decode()}, this one is {key_id(key)}")
    try:
        key.verify(bytes.fromhex(match[2].decode()), data[:cut])
    except InvalidSignature as error:
        raise NotGenuine("the content is not what was sealed: at least one byte was changed") from error
    body: dict[str, Any] = json.loads(data[:cut])
    return body
