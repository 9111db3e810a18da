"""Steps of the demo: named, timed, and some of them beside others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread


@dataclass
class Steps:
    """Names and seconds of the steps done, with a line on the screen for each."""

    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.say(f"  {name} ...")
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 1)
        self.say(f"  {name}: {self.seconds[name]} s")


class InBackground(Thread):
    """Runs something beside the other steps; ``finish`` waits and raises what it raised."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work, self._error = work, None
        self.start()

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error  # type: ignore[assignment]

    def is_done(self) -> bool:
        """Whether it came to its end, a good or a bad one."""
        return not self.is_alive()

    def finish(self) -> None:
        self.join()
        if self._error is not None:
            raise self._error
