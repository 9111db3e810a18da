"""Server-sent events: each screen gets its post's pushes in order, from the one after the last it has seen."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from streaming_jobs.delivery.journal import Journal, Shown

BEAT_S = 15.0
"""A screen that hears nothing for longer knows that the line is down."""


class Hub:
    """Wakes the screens of the addresses that got something. Pushes are read from the journal, so none is missed."""

    def __init__(self, journal: Path) -> None:
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hub")
        self._journal = Journal(journal)
        self._screens: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = False

    def attach(self) -> None:
        """Belong to the running loop."""
        self._loop = asyncio.get_running_loop()

    def wake(self, addresses: set[str]) -> None:
        """From any thread: these addresses got something."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, addresses)

    def _wake(self, addresses: set[str]) -> None:
        for address in addresses:
            for screen in self._screens.get(address, ()):
                screen.set()

    def close(self) -> None:
        """End all streams."""
        self._over = True
        self._wake(set(self._screens))
        self._reader.shutdown()
        self._journal.close()

    @property
    def connected(self) -> int:
        """Screens that listen."""
        return sum(len(screens) for screens in self._screens.values())

    async def _read(self, address: str, after: int) -> list[Shown]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, self._journal.pushes_after, address, after)

    async def stream(self, address: str, after: int, still: Callable[[], bool]) -> AsyncIterator[str]:
        """Text of the event stream; ends when `still` (asked at each beat) says that the session is over."""
        screen = asyncio.Event()
        self._screens[address].add(screen)
        try:
            yield "retry: 1000\n\n"
            while not self._over:
                screen.clear()
                while shown := await self._read(address, after):
                    after = shown[-1].seq
                    yield "".join(f"id: {one.seq}\nevent: push\ndata: {one.body}\n\n" for one in shown)
                try:
                    await asyncio.wait_for(screen.wait(), BEAT_S)
                except TimeoutError:
                    if not still():
                        return
                    yield "event: beat\ndata: {}\n\n"
        finally:
            self._screens[address].discard(screen)
