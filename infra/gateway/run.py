"""The gateway's process: desk, feed, couriers and inbox around the web application."""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from infra import audit
from infra.appointments.notices import Told
from infra.gateway.accounts import Accounts
from infra.gateway.app import make_app
from infra.gateway.parts import AUDIT_CHANNEL, Parts, now_ms
from infra.settings import SafeholdError, Settings, UserError, bootstrap
from infra.settings.running import read_run
from ingestion.contracts import AuditEntry
from ingestion.gateway import Devices, Inbox
from ingestion.gateway.mqtt import MqttSource
from ingestion.sources.record import Record
from streaming_jobs.delivery.channels import Channel, channels_of, load_channels, open_channel
from streaming_jobs.delivery.courier import Courier
from streaming_jobs.delivery.desk import EVENTS_CHANNEL, Desk
from streaming_jobs.delivery.feed import Feed
from streaming_jobs.delivery.journal import Waiting
from streaming_jobs.response import Notice, load_plan

LOG = logging.getLogger("safehold.gateway")
SOURCE = "response"
BROKER_PAUSE_S = 1.0
VISITS_PAUSE_S = 30.0


class Landing:
    """The channel to the topic of events: the same inbox that devices' records take."""

    attempts_at_most: int | None = None

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def deliver(self, batch: Sequence[Waiting]) -> list[int]:
        self._inbox.offer([Record(one.ref.encode(), one.body, source=SOURCE) for one in batch])
        return [one.id for one in batch]


class AuditLog:
    """The channel to the audit log; an entry that comes twice is chained once."""

    attempts_at_most: int | None = None

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def deliver(self, batch: Sequence[Waiting]) -> list[int]:
        audit.append(self._settings, [AuditEntry.model_validate_json(one.body) for one in batch])
        return [one.id for one in batch]


class Gateway:
    """Everything of one instance's gateway. Start it, serve `app`, stop it."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.response
        journal = folder / "journal.db"
        plan = load_plan(Path(settings.response_plan) if settings.response_plan else None)
        specs = load_channels(folder / "channels.yaml")
        self._settings = settings
        self.inbox = Inbox(settings)
        self.desk = Desk(journal, plan, now_ms, lambda address: channels_of(specs, address))
        self.accounts, self.devices = Accounts(settings.access_db), Devices(settings.access_db)
        self._parts = Parts(self.desk, self.inbox, self.accounts, self.devices, folder, settings)
        self.app = make_app(self._parts)
        channels: dict[str, Channel] = {EVENTS_CHANNEL: Landing(self.inbox), AUDIT_CHANNEL: AuditLog(settings)}
        channels |= {spec.name: open_channel(spec, channel_secret(settings, spec.name)) for spec in specs}
        self._couriers = [Courier(journal, name, channel, now_ms) for name, channel in channels.items()]
        self.desk.on_pushes(self._wake)
        self._mqtt = self._mqtt_source()
        self._stopped = threading.Event()
        self._reading = threading.Thread(target=self._read, name="feed", daemon=True)
        self._visiting = threading.Thread(target=self._visits, name="visits", daemon=True)

    def _mqtt_source(self) -> MqttSource | None:
        """Devices over MQTT, where the instance has that broker."""
        record = read_run(self._settings, "mqtt")
        if record is None or not record.is_alive():
            return None
        host, _, port = record.address.partition(":")
        secret = channel_secret(self._settings, "mqtt")
        return MqttSource(host, int(port), secret, self.devices, self.inbox, self.app.state.quotas)

    def _wake(self, addresses: set[str]) -> None:
        for courier in self._couriers:
            courier.wake()

    def start(self) -> None:
        self.inbox.start()
        for courier in self._couriers:
            courier.start()
        self._reading.start()
        self._visiting.start()
        if self._mqtt is not None:
            self._mqtt.start()

    def _read(self) -> None:
        """Alerts, once there is a broker; and the clocks of cases, broker or not."""
        while not self._stopped.is_set():
            try:
                feed = Feed(bootstrap(self._settings), self.desk)
            except UserError:
                self.desk.tick()
                self._stopped.wait(BROKER_PAUSE_S)
                continue
            try:
                feed.run(self._stopped.is_set)
            except Exception:  # the journal stands where it was: read again from there
                LOG.exception("reading alerts failed; it goes on from where the journal stands")
                self._stopped.wait(BROKER_PAUSE_S)

    def round_of_visits(self) -> None:
        """Appointments: what changed, what time it is, what is to be landed, who is to be told."""
        self._parts.visits.round()
        self._parts.visits.tell(self._tell)

    def _tell(self, key: str, facility: str, told: Told) -> None:
        self.desk.enter(key, Notice(key, facility, told.posts, told.zone, told.body))

    def _visits(self) -> None:
        while True:
            self._parts.visits_due.wait(VISITS_PAUSE_S)
            self._parts.visits_due.clear()
            if self._stopped.is_set():
                return
            try:
                self.round_of_visits()
            except Exception:  # a wrong plan, or a lake that is away: the next round begins where this one did
                LOG.exception("the round of visits failed; it is tried again")

    def stop(self) -> None:
        """End in an order that leaves nothing between two of them."""
        self._stopped.set()
        self._parts.visits_due.set()
        if self._mqtt is not None:
            self._mqtt.stop()
        if self._reading.is_alive():
            self._reading.join(timeout=30)
            self._visiting.join(timeout=30)
            for courier in self._couriers:
                courier.stop()
            self.inbox.stop()
        self._parts.close()
        self.desk.close()
        self.accounts.close()
        self.devices.close()


def channel_secret(settings: Settings, name: str) -> str:
    """The secret of a channel; generated on first use, readable by the owner only."""
    path = settings.secrets / "channels.json"
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if name not in known:
        known[name] = secrets.token_urlsafe(32)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(known, indent=1), encoding="utf-8")
    return known[name]


def serve(settings: Settings, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        UserError: the plan or a channel is wrong. SafeholdError: the port is taken.
    """
    import uvicorn

    gateway = Gateway(settings)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
            await super().startup(sockets=sockets)  # type: ignore[arg-type]
            if self.started:
                ready()

    config = uvicorn.Config(
        gateway.app,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=3,
        backlog=4096,
    )
    gateway.start()
    try:
        server = Server(config)
        server.run()
        if not server.started:
            raise SafeholdError(f"the gateway cannot listen on {host}:{port}", do="choose another port")
    finally:
        gateway.stop()
