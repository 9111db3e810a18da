"""The gateway as a service of an instance."""

from __future__ import annotations

import sys
import time

from infra.local import process
from infra.local.ports import HOST, choose_port, is_free, serves
from infra.local.service import Background
from infra.settings import Settings
from infra.settings.running import read_run

READY_TIMEOUT_S = 60.0
PORT_TIMEOUT_S = 5.0


class GatewayService(Background):
    """Runs `safehold gateway` in the background."""

    name = "gateway"

    def start(self, settings: Settings) -> None:
        """Start it and wait until it answers.

        Raises:
            SafeholdError: it died or did not answer in time.
        """
        if self.is_running(settings):
            return
        _wait_for_the_port(settings)
        port = choose_port(settings, self.name, settings.gateway_port)
        command = [sys.executable, "-m", "infra.cli", "gateway", "--port", str(port)]
        env = {"SAFEHOLD_HOME": str(settings.home)}
        record = process.start(settings, self.name, command, address=f"http://{HOST}:{port}", env=env)
        process.wait_ready(settings, record, lambda: serves(port, "/health", timeout_s=5), timeout_s=READY_TIMEOUT_S)


def _wait_for_the_port(settings: Settings) -> None:
    """A killed gateway's threads may hold its port a moment longer; phones know the gateway by that port."""
    record = read_run(settings, GatewayService.name)
    if record is not None:
        end = time.monotonic() + PORT_TIMEOUT_S
        while not is_free(int(record.address.rpartition(":")[2])) and time.monotonic() < end:
            time.sleep(0.05)
