"""Who may post: devices and subsystems, each with a key of its own, for one facility and some types of events.

Keys are 256 random bits, shown once. At rest there is a salted PBKDF2-SHA512 hash in the form that mosquitto
reads, so that one registry serves HTTP and MQTT. Few rounds suffice: a random key cannot be guessed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sqlite3
import time
from dataclasses import dataclass
from fnmatch import fnmatchcase

from infra.settings import UserError
from ingestion.contracts import EVENTS
from ingestion.gateway.access_file import NAME, AccessFile

ROUNDS = 101
_SCHEMA = """CREATE TABLE IF NOT EXISTS device (
  name TEXT PRIMARY KEY, facility TEXT NOT NULL, types TEXT NOT NULL, ids TEXT NOT NULL, per_second REAL NOT NULL,
  hash TEXT NOT NULL, old_hash TEXT NOT NULL DEFAULT '', old_until REAL NOT NULL DEFAULT 0,
  created REAL NOT NULL, revoked REAL NOT NULL DEFAULT 0)"""


@dataclass(frozen=True)
class Device:
    """One that may post. ``ids``: patterns of the ``device`` that its events may name."""

    name: str
    facility: str
    types: tuple[str, ...]
    ids: tuple[str, ...]
    per_second: float
    revoked: bool

    def may_name(self, device: str) -> bool:
        return any(fnmatchcase(device, pattern) for pattern in self.ids)


def hash_key(key: str, salt: bytes | None = None) -> str:
    """``$7$<rounds>$<salt>$<hash>`` as in mosquitto's password files."""
    salt = salt or secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", key.encode(), salt, ROUNDS)
    return f"$7${ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def matches(key: str, kept: str) -> bool:
    """Whether a key is the one behind a hash; in constant time."""
    parts = kept.split("$")
    return len(parts) == 5 and hmac.compare_digest(hash_key(key, base64.b64decode(parts[3])), kept)


class Devices(AccessFile):
    """The registry."""

    SCHEMA = _SCHEMA

    def add(
        self, name: str, facility: str, types: tuple[str, ...], ids: tuple[str, ...] = (), per_second: float = 200
    ) -> str:
        """Register a device; returns its key, which is kept nowhere.

        Raises:
            UserError: the name is taken or unusable, or a type does not exist.
        """
        if not NAME.fullmatch(name):
            raise UserError(f"{name!r} is no name for a device", do="use letters, digits, . _ -; 64 at most")
        if not types:
            raise UserError("a device that may post nothing", where=name, do="name the types of its events")
        if unknown := [one for one in types if one not in EVENTS]:
            raise UserError(
                f"there is no event type {unknown[0]!r}", where=name, do=f"use: {', '.join(sorted(EVENTS))}"
            )
        key = secrets.token_urlsafe(32)
        try:
            self._rows(
                "INSERT INTO device (name, facility, types, ids, per_second, hash, created) VALUES (?,?,?,?,?,?,?)",
                *(name, facility, json.dumps(types), json.dumps(ids or (name,)), per_second),
                *(hash_key(key), time.time()),
            )
        except sqlite3.IntegrityError as error:
            raise UserError(
                f"the device {name} is registered already", do="rotate its key, or use a new name"
            ) from error
        return key

    def rotate(self, name: str, overlap_s: float) -> str:
        """A new key, at once; the one before stays good for ``overlap_s`` seconds.

        Raises:
            UserError: no such device, or it was revoked.
        """
        if self.named(name).revoked:
            raise UserError(f"the device {name} was revoked", do="register it under a new name")
        key = secrets.token_urlsafe(32)
        self._rows(
            "UPDATE device SET old_hash = hash, old_until = ?, hash = ? WHERE name = ?",
            *(time.time() + overlap_s, hash_key(key), name),
        )
        return key

    def revoke(self, name: str) -> None:
        """No key of it is good any more.

        Raises:
            UserError: no such device.
        """
        self.named(name)
        self._rows("UPDATE device SET revoked = ?, old_until = 0 WHERE name = ?", time.time(), name)

    def named(self, name: str) -> Device:
        """The device with this name.

        Raises:
            UserError: there is none.
        """
        for device in self.all():
            if device.name == name:
                return device
        raise UserError(f"there is no device {name!r}", do="see: safehold device list")

    def all(self) -> list[Device]:
        """All devices, revoked ones too."""
        rows = self._rows("SELECT name, facility, types, ids, per_second, revoked FROM device ORDER BY name")
        return [
            Device(name, facility, tuple(json.loads(types)), tuple(json.loads(ids)), rate, revoked > 0)
            for name, facility, types, ids, rate, revoked in rows
        ]

    def who(self, name: str, key: str) -> Device | None:
        """The device that this name and key stand for, None for wrong or revoked ones."""
        rows = self._rows(
            "SELECT facility, types, ids, per_second, hash, old_hash, old_until FROM device "
            "WHERE name = ? AND revoked = 0",
            name,
        )
        for facility, types, ids, rate, kept, old, old_until in rows:
            if matches(key, kept) or (old_until > time.time() and matches(key, old)):
                return Device(name, facility, tuple(json.loads(types)), tuple(json.loads(ids)), rate, False)
        return None

    def hashes(self) -> dict[str, str]:
        """Name and hash of all that may post, for a broker's password file (which has one key a name)."""
        return dict(self._rows("SELECT name, hash FROM device WHERE revoked = 0 ORDER BY name"))
