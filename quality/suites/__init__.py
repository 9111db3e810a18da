"""Suites of checks as code. Each module answers one question about the built marts and lists its checks."""

from __future__ import annotations

from quality.suites.check import Check
from quality.suites.disclosure import disclosure
from quality.suites.figures import figures
from quality.suites.freshness import freshness
from quality.suites.hierarchy import hierarchy
from quality.suites.history import history
from quality.suites.live import live
from quality.suites.privacy import privacy
from quality.suites.reconciliation import reconciliation
from quality.suites.references import references
from quality.suites.registers import registers
from quality.suites.schema import schema
from quality.suites.volume import volume

__all__ = ["SUITES", "Check"]

SUITES = {
    "schema": schema,
    "reconciliation": reconciliation,
    "references": references,
    "registers": registers,
    "hierarchy": hierarchy,
    "figures": figures,
    "privacy": privacy,
    "disclosure": disclosure,
    "volume": volume,
    "history": history,
    "live": live,
    "freshness": freshness,
}
"""Suite name to the function that lists its checks, given the publication tables and their columns."""
