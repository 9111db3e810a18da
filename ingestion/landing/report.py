"""What a run of the landing did."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LandingReport:
    """Counts of one run. Count law: ``offered = landed + quarantined + spooled``.

    Spooled records are not in the lake's counts yet: they enter them when they are sent.
    """

    run: str
    offered: int
    landed: int
    quarantined: int
    spooled: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    """Quarantined records by reason."""
