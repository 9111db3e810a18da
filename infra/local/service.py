"""What a service of an instance is: something that `safehold up` starts and `safehold down` stops."""

from __future__ import annotations

from typing import Protocol

from infra.settings import Settings


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
