"""Ways to a post beside its web terminal: webhook, MQTT, file. Each delivers at least once; ids tell repeats."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.settings import UserError, line_of, read_yaml
from streaming_jobs.delivery.journal import Waiting
from streaming_jobs.response.plan import fits

TIMEOUT_S = 10.0
SIGNATURE = "X-Safehold-Signature"


class Channel(Protocol):
    """Delivers a batch, in order. What it raises is the reason why the rest of the batch is tried again."""

    attempts_at_most: int | None

    def deliver(self, batch: Sequence[Waiting]) -> list[int]:
        """Ids that arrived; raises where the first one does not."""


class ChannelSpec(BaseModel):
    """A channel as data: ``posts`` are patterns of addresses such as ``medical@3301*``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    kind: Literal["webhook", "mqtt", "file"]
    posts: list[str] = Field(min_length=1)
    url: str = ""
    host: str = ""
    port: int = 1883
    path: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {"webhook": "url", "mqtt": "host", "file": "path"}[self.kind]
        if not getattr(self, needed):
            raise ValueError(f"a channel of kind {self.kind} needs {needed}")
        if self.name == "events":
            raise ValueError("the name events is taken")
        return self


def load_channels(path: Path) -> list[ChannelSpec]:
    """The channels in a YAML list; none where there is no file.

    Raises:
        UserError: an entry is wrong, or two have one name.
    """
    if not path.exists():
        return []
    data, node = read_yaml(path)
    found: list[ChannelSpec] = []
    for number, entry in enumerate(data or []):
        try:
            found.append(ChannelSpec.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            where = f"{path}:{line_of(node, (number, *first['loc']))}"
            raise UserError(str(first["msg"]), where=where, do="mend the entry") from error
    names = [spec.name for spec in found]
    if len(names) != len(set(names)):
        raise UserError("two channels have the same name", where=str(path), do="give each its own")
    return found


def channels_of(specs: Sequence[ChannelSpec], address: str) -> list[str]:
    """Names of the channels that lead to a post."""
    return [spec.name for spec in specs if fits(spec.posts, address)]


def sign(secret: str, at: int, body: bytes) -> str:
    """``t=<s>,v1=<hex>``: HMAC-SHA256 over ``<s>.<body>``, so that a receiver can refuse what is old or forged."""
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"


class Webhook:
    """POSTs each push as JSON, signed; any answer of 2xx is an arrival."""

    attempts_at_most: int | None = 12

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret
        self._session = requests.Session()

    def deliver(self, batch: Sequence[Waiting]) -> list[int]:
        arrived: list[int] = []
        for one in batch:
            headers = {
                "Content-Type": "application/json",
                "Idempotency-Key": one.ref,
                SIGNATURE: sign(self._secret, int(time.time()), one.body),
            }
            try:
                reply = self._session.post(
                    self._url, data=one.body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
                )
                if not 200 <= reply.status_code < 300:
                    raise ConnectionError(f"answered {reply.status_code}")
            except (requests.RequestException, ConnectionError) as error:
                if not arrived:
                    raise ConnectionError(str(error)) from error
                break
            arrived.append(one.id)
        return arrived


class File:
    """Appends each push as a line; arrived when it is on the disk."""

    attempts_at_most: int | None = 12

    def __init__(self, path: Path) -> None:
        self._path = path

    def deliver(self, batch: Sequence[Waiting]) -> list[int]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as out:
            out.writelines(one.body + b"\n" for one in batch)
            out.flush()
            os.fsync(out.fileno())
        return [one.id for one in batch]


class Mqtt:
    """Publishes each push to ``safehold/posts/<address>`` with QoS 1."""

    attempts_at_most: int | None = 12

    def __init__(self, host: str, port: int, user: str = "", password: str = "") -> None:
        from paho.mqtt.client import Client, MQTTv5
        from paho.mqtt.enums import CallbackAPIVersion

        self._client = Client(CallbackAPIVersion.VERSION2, client_id="", protocol=MQTTv5)
        if user:
            self._client.username_pw_set(user, password)
        self._at = (host, port)
        self._started = False

    def deliver(self, batch: Sequence[Waiting]) -> list[int]:
        if not self._started:
            self._client.connect(*self._at, keepalive=30)
            self._client.loop_start()
            self._started = True
        sent = [(one.id, self._client.publish(_topic(one.body), one.body, qos=1)) for one in batch]
        arrived = []
        for name, message in sent:
            message.wait_for_publish(TIMEOUT_S)
            if not message.is_published():
                break
            arrived.append(name)
        if not arrived:
            raise ConnectionError(f"the broker at {self._at[0]}:{self._at[1]} does not confirm")
        return arrived


def _topic(body: bytes) -> str:
    address: Any = json.loads(body)["address"]
    return f"safehold/posts/{address}"


def open_channel(spec: ChannelSpec, secret: str) -> Channel:
    """The channel of an entry. ``secret`` signs webhooks and is the MQTT password of ``safehold``."""
    match spec.kind:
        case "webhook":
            return Webhook(spec.url, secret)
        case "mqtt":
            return Mqtt(spec.host, spec.port, "safehold", secret)
        case "file":
            return File(Path(spec.path))
