"""The courier of one channel: takes what is due out of the outbox, tries again with growing pauses."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from pathlib import Path

from streaming_jobs.delivery.channels import Channel
from streaming_jobs.delivery.journal import Journal

LOG = logging.getLogger("safehold.courier")
LOOK_S = 0.5  # how often the outbox is looked at where nobody wakes the courier
LONGEST_PAUSE_S = 300.0


class Courier(threading.Thread):
    """Runs until :meth:`stop`. A channel that does not answer holds up no other: each has its own courier."""

    def __init__(self, journal: Path, name: str, channel: Channel, clock: Callable[[], int]) -> None:
        super().__init__(name=f"courier-{name}", daemon=True)
        self._path, self._channel_name, self._channel, self._clock = journal, name, channel, clock
        self._wake, self._stopped = threading.Event(), False

    def wake(self) -> None:
        """There may be something new."""
        self._wake.set()

    def stop(self) -> None:
        """End after the batch at hand."""
        self._stopped = True
        self._wake.set()
        self.join(timeout=30)

    def run(self) -> None:
        journal = Journal(self._path)
        try:
            while not self._stopped:
                if not self.deliver(journal):
                    self._wake.wait(LOOK_S)
                    self._wake.clear()
        finally:
            journal.close()

    def deliver(self, journal: Journal) -> int:
        """One batch; returns how many arrived."""
        batch = journal.due(self._channel_name, self._clock())
        if not batch:
            return 0
        try:
            arrived = self._channel.deliver(batch)
        except Exception as error:  # whatever a channel meets, the push stays and is tried again
            first = batch[0]
            pause = min(LONGEST_PAUSE_S, 2.0**first.attempts) * (0.75 + random.random() / 2)
            at_most = self._channel.attempts_at_most
            journal.failed([first.id], f"{type(error).__name__}: {error}", self._clock() + int(pause * 1000), at_most)
            LOG.warning("channel %s: %s; attempt %d", self._channel_name, error, first.attempts + 1)
            return 0
        journal.delivered(arrived)
        return len(arrived)
