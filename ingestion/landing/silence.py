"""Which facilities are live and silent: pure bookkeeping, with times given by the caller."""

from __future__ import annotations

from dataclasses import dataclass

SILENT_MS = 1000
"""A facility that posted nothing for so long is silent."""

LIVE_WITHIN_MS = 60_000
"""A facility is live while its newest record tells of a moment so close to its receipt."""


@dataclass(slots=True)
class _Facility:
    live: bool = False
    quiet_since: int = 0
    """Receipt of its newest record, or when its silence was last told, in ms."""


class Silence:
    """Facilities with a site plan, and since when each is silent."""

    def __init__(self) -> None:
        self._facilities: dict[str, _Facility] = {}

    def knows(self, facility: str) -> bool:
        """True once its site plan was seen."""
        return facility in self._facilities

    def learn(self, facility: str) -> None:
        """Its site plan was seen."""
        self._facilities.setdefault(facility, _Facility())

    def heard(self, facility: str, *, received_ms: int, event_ms: int, ended: bool) -> None:
        """A record of a known facility came in.

        A source that tells of another time (a replay of old events), or that said it has ended, is
        not live: to close its seconds by today's clock would make its next events late.
        """
        state = self._facilities[facility]
        state.live = not ended and abs(received_ms - event_ms) <= LIVE_WITHIN_MS
        state.quiet_since = max(state.quiet_since, received_ms)

    def due(self, now_ms: int) -> list[str]:
        """Live facilities whose silence should be told now; each again only after another while."""
        found = []
        for facility, state in self._facilities.items():
            if state.live and now_ms - state.quiet_since >= SILENT_MS:
                state.quiet_since = now_ms
                found.append(facility)
        return found
