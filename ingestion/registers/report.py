"""What an import did, in counts that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class TableCount:
    """Rows of one file for one register.

    Count law: ``read = new + corrections + confirmed + unchanged + superseded + repeated + skipped +
    quarantined``; the first three are appended to the register.
    """

    file: str
    table: str
    name: str
    read: int = 0
    new: int = 0
    corrections: int = 0
    confirmed: int = 0
    unchanged: int = 0
    superseded: int = 0
    repeated: int = 0
    quarantined: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def imported(self) -> int:
        """Rows appended to the register."""
        return self.new + self.corrections + self.confirmed

    @property
    def accounted(self) -> int:
        """Sum of all outcomes; equals ``read``."""
        rest = self.unchanged + self.superseded + self.repeated + self.quarantined
        return self.imported + rest + sum(self.skipped.values())

    def line(self) -> str:
        """One line for the user: what was read is the sum of what became of it."""
        parts = [f"{self.new:,} new"]
        optional = [
            (self.corrections, "corrections"),
            (self.confirmed, "said again later"),
            (self.unchanged, "known already"),
            (self.superseded, "superseded by a later version"),
            (self.repeated, "repeated in the file"),
            *((count, f"skipped ({rule})") for rule, count in sorted(self.skipped.items())),
            (self.quarantined, "quarantined"),
        ]
        parts += [f"{count:,} {what}" for count, what in optional if count]
        return f"{self.table:<18} {self.name}: {self.read:,} rows = {' + '.join(parts)}"


@dataclass
class ImportReport:
    """Counts of an import, per file and register."""

    counts: list[TableCount] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The summary that the user sees."""
        previous = None
        for count in self.counts:
            if count.file != previous:
                yield count.file
                previous = count.file
            yield f"  {count.line()}"
        if held := sum(count.quarantined for count in self.counts):
            yield f"{held:,} rows are in silver.quarantine (stage register), each with line, column and what to do"
