"""How a command that goes on until it is stopped hears of it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from threading import Event


def until_told() -> Callable[[], bool]:
    """From now on, whether the process was told to end (SIGTERM, SIGINT); the signals do nothing else."""
    told = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: told.set())
    return told.is_set
