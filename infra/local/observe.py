"""The watch over the platform itself as a service: started by name, so that nothing is measured unasked."""

from __future__ import annotations

import sys

from infra.local import process
from infra.local.service import Background
from infra.settings import Settings

READY_TIMEOUT_S = 60.0


class Observe(Background):
    """Runs `safehold observe` in the background (see infra/observation). Needs no broker: it tells of its absence."""

    name = "observe"

    def start(self, settings: Settings) -> None:
        """Start it and wait until it has taken its first sample.

        Raises:
            SafeholdError: it died.
        """
        if self.is_running(settings):
            return
        log = settings.logs / f"{self.name}.log"
        log.unlink(missing_ok=True)  # readiness is read from it
        command = [sys.executable, "-m", "infra.cli", "observe"]
        env = {"SAFEHOLD_HOME": str(settings.home), "PYTHONUNBUFFERED": "1"}
        record = process.start(settings, self.name, command, address=f"file {log.name}", env=env)
        process.wait_ready(settings, record, lambda: log.stat().st_size > 0, timeout_s=READY_TIMEOUT_S)
