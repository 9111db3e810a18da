"""The live clock as a service: started by name, for instances that live sources post into."""

from __future__ import annotations

import sys

from infra.local import process
from infra.local.service import Background
from infra.settings import Settings, bootstrap

READY_LINE = "the clock follows the topic"
READY_TIMEOUT_S = 120.0


class Clock(Background):
    """Runs `safehold clock` in the background (see ingestion/landing/clock.py)."""

    name = "clock"

    def start(self, settings: Settings) -> None:
        """Start it and wait until it has read the topic.

        Raises:
            UserError: the broker does not run.
            SafeholdError: it died.
        """
        if self.is_running(settings):
            return
        address = bootstrap(settings)  # the clock itself answers nobody: what it follows is shown
        log = settings.logs / f"{self.name}.log"
        log.unlink(missing_ok=True)  # readiness is read from it
        command = [sys.executable, "-m", "infra.cli", "clock"]
        record = process.start(settings, self.name, command, address=address, env={"SAFEHOLD_HOME": str(settings.home)})
        process.wait_ready(settings, record, lambda: READY_LINE in process.log_tail(log), timeout_s=READY_TIMEOUT_S)
