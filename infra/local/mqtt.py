"""The MQTT broker of an instance: Debian's mosquitto, with the registered devices as its users."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket

from infra.gateway.run import channel_secret
from infra.local import process
from infra.local.ports import HOST, choose_port
from infra.local.service import Background
from infra.settings import SafeholdError, Settings
from infra.settings.running import read_run
from ingestion.gateway import Devices
from ingestion.gateway.devices import hash_key
from ingestion.gateway.mqtt import USER

NAME = "mqtt"
PORT = 1883
READY_TIMEOUT_S = 20.0


class MqttBroker(Background):
    """Started only where named: `safehold up --only broker --only mqtt --only gateway`."""

    name = NAME

    def start(self, settings: Settings) -> None:
        """Write its configuration anew, start it and wait until it listens.

        Raises:
            SafeholdError: mosquitto is not installed, or it died.
        """
        if self.is_running(settings):
            return
        program = find_mosquitto()
        if program is None:
            raise SafeholdError("there is no program mosquitto", do="install it (Debian: apt install mosquitto)")
        port = choose_port(settings, self.name, PORT)
        folder = settings.home / "mqtt"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_users(settings)
        rights = [f"user {USER}", "topic read safehold/+/events", "topic write safehold/posts/#"]
        # Of everybody else: a device writes to its own topic and reads nothing.
        rights += ["pattern write safehold/%u/events", ""]
        (folder / "access").write_text("\n".join(rights), encoding="ascii")
        lines = [
            f"listener {port} {HOST}",
            "allow_anonymous false",
            f"password_file {folder / 'users'}",
            f"acl_file {folder / 'access'}",
            # What a device was told is taken survives a kill of the broker.
            "persistence true",
            f"persistence_location {folder}/",
            "autosave_interval 1",
            "autosave_on_changes true",
            "max_queued_messages 100000",
            f"message_size_limit {8 * 1024 * 1024}",
            f"user {_user()}",
            "",
        ]
        (folder / "mosquitto.conf").write_text("\n".join(lines), encoding="utf-8")
        command = [program, "-c", str(folder / "mosquitto.conf")]
        record = process.start(settings, self.name, command, address=f"{HOST}:{port}")
        process.wait_ready(settings, record, lambda: _listens(port), timeout_s=READY_TIMEOUT_S)


def find_mosquitto() -> str | None:
    """The broker's program; Debian puts it where only the administrator's path leads."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def write_users(settings: Settings) -> None:
    """Write the devices that may post as the broker's users, and let a running broker read them."""
    devices = Devices(settings.access_db)
    users = {USER: hash_key(channel_secret(settings, NAME)), **devices.hashes()}
    devices.close()
    path = settings.home / "mqtt" / "users"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}:{kept}\n" for name, kept in users.items()), encoding="ascii")
    record = read_run(settings, NAME)
    if record is not None and record.is_alive():
        os.kill(record.pid, signal.SIGHUP)


def _user() -> str:
    return pwd.getpwuid(os.getuid()).pw_name


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
