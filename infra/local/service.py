"""What a service of an instance is: something that `safehold up` starts and `safehold down` stops."""

from __future__ import annotations

from typing import Protocol

from infra.local import process
from infra.settings import Settings
from infra.settings.running import read_run


class Service(Protocol):
    """A service of an instance. Implementations hold no state: the run file does."""

    @property
    def name(self) -> str:
        """Short name, also of its run file and its log."""

    def start(self, settings: Settings) -> None:
        """Start it and wait until it answers; does nothing while it runs.

        Raises:
            SafeholdError: it died or did not answer in time, with the tail of its log.
        """

    def stop(self, settings: Settings) -> None:
        """Stop it if this instance started it; does nothing otherwise."""

    def is_running(self, settings: Settings) -> bool:
        """True while the process that this instance started lives."""

    def address(self, settings: Settings) -> str:
        """Where it answers (`host:port` or a URL); empty while it does not run."""


class Background:
    """A service that is one child process: all of :class:`Service` but how it starts."""

    name: str

    def is_running(self, settings: Settings) -> bool:
        """True while the process that this instance started lives."""
        return process.is_running(settings, self.name)

    def address(self, settings: Settings) -> str:
        """What its run file says while it lives."""
        record = read_run(settings, self.name)
        return record.address if record is not None and record.is_alive() else ""

    def stop(self, settings: Settings) -> None:
        """Stop it if this instance started it; what it kept stays on the disk."""
        process.stop(settings, self.name)
