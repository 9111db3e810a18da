"""What is remembered of a person or a facility for its score: dated facts and happenings, nothing else.

Everything is dated, so that the score of any moment of the last day follows from the record alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

Level = Literal["low", "elevated", "high"]
DAY_S = 86_400


class Happening(NamedTuple):
    """Input, event time in s, the id of the alert where it was one, and from when on (s) it is struck, 0 for never."""

    input: str
    at_s: int
    ref: str = ""
    struck_s: int = 0


class Record(msgspec.Struct, array_like=True):
    """``known``: by input (from s, value) in ascending order; what was superseded more than a day ago is gone.

    ``levels``: by mode of the card. ``scored_s``: second of the last row. ``open``: complaints that are not
    answered, with the second of their filing.
    """

    known: dict[str, list[tuple[int, Any]]] = {}
    happenings: list[Happening] = []
    levels: dict[str, Level] = {}
    scored_s: int = 0
    open: dict[str, int] = {}

    def know(self, name: str, second: int, value: Any) -> None:
        """From a second on, an input has a value; None: nothing is known of it."""
        versions = self.known.setdefault(name, [])
        if versions and versions[-1][1] == value:
            return
        if versions and versions[-1][0] == second:
            versions.pop()
        versions.append((second, value))
        while len(versions) > 1 and versions[1][0] <= second - DAY_S:
            versions.pop(0)

    def renew(self, name: str, second: int, value: Any) -> None:
        """As :meth:`know`, for a value that ages: said again, it is new."""
        if self.known.get(name, [(0, None)])[-1][1] == value:
            self.know(name, second, None)
        self.know(name, second, value)

    def value(self, name: str, second: int) -> tuple[int, Any]:
        """Since when and what was known of an input at a second; (0, None) for nothing."""
        for since, value in reversed(self.known.get(name, ())):
            if since <= second:
                return since, value
        return 0, None

    def happen(self, found: Iterable[Happening]) -> None:
        """Add happenings, in the order of their time."""
        self.happenings = sorted([*self.happenings, *found])

    def strike(self, wanted: Callable[[Happening], bool], second: int) -> bool:
        """Let happenings count no more from a second on; whether there were any. What was scored before stays so."""
        struck = [h._replace(struck_s=second) if not h.struck_s and wanted(h) else h for h in self.happenings]
        found, self.happenings = struck != self.happenings, struck
        return found

    def forget(self, life_s: Mapping[str, float], second: int) -> None:
        """Drop happenings that count neither now nor a day ago; ``life_s``: by input, the age at which none counts."""
        self.happenings = [
            h
            for h in self.happenings
            if second - h.at_s <= life_s.get(h.input, 0) + DAY_S and not 0 < h.struck_s <= second - DAY_S
        ]
