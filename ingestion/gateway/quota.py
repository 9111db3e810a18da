"""How much one sender may bring: a bucket of records that fills at a steady rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST_S = 10.0
"""A sender that was silent may bring what it could have brought in so many seconds at once."""


class Quotas:
    """Buckets by name; threads may share them. ``now`` gives seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str, count: int, per_second: float, burst_s: float = BURST_S) -> float:
        """Take ``count`` from a bucket; 0 where they were there, else the seconds until they will be."""
        most = max(1.0, per_second * burst_s)
        with self._lock:
            now = self._now()
            level, at = self._buckets.get(name, (most, now))
            level = min(most, level + (now - at) * per_second)
            # A batch larger than the bucket passes when the bucket is full, and is paid for afterwards.
            if level >= min(count, most):
                self._buckets[name] = (level - count, now)
                return 0.0
            self._buckets[name] = (level, now)
            return (min(count, most) - level) / per_second
