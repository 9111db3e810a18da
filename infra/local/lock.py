"""One command at a time changes the services of an instance."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from infra.settings import Settings


@contextmanager
def instance_lock(settings: Settings) -> Iterator[None]:
    """Hold the instance's lock; a second `safehold up` waits until the first is done.

    The kernel releases it with the process, so a killed command leaves no lock behind. Children
    do not inherit it (Python opens files close-on-exec).
    """
    settings.run.mkdir(parents=True, exist_ok=True)
    with (settings.run / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
