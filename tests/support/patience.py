"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def eventually(what: Callable[[], Any], patience_s: float = 60) -> Any:
    """What is asked for, as soon as it is true; fails where it is not in time."""
    end = time.monotonic() + patience_s
    while not (found := what()):
        assert time.monotonic() < end, f"waited {patience_s} s in vain"
        time.sleep(0.1)
    return found
