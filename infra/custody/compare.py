"""A scorecard in shadow beside the one in force, on the moments at which both scored the same person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from infra.custody.read import rows_of
from infra.settings import Settings, UserError
from ingestion.contracts import RiskScore

ORDER = ("low", "elevated", "high")


def side_by_side(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, list[tuple[Mapping[str, Any], Any]]]]:
    """(card in force, card in shadow, pairs of rows) of each pair of cards, the latest pair of each subject."""
    moments: dict[tuple[str, str, int], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        moments[row["facility"], row["subject"], row["at"]][row["mode"]] = row
    latest: dict[tuple[str, str, str, str], tuple[int, tuple[Mapping[str, Any], Any]]] = {}
    for (facility, subject, at), found in moments.items():
        if len(found) == 2:
            key = (found["active"]["scorecard"], found["shadow"]["scorecard"], facility, subject)
            if key not in latest or latest[key][0] < at:
                latest[key] = (at, (found["active"], found["shadow"]))
    pairs: dict[tuple[str, str], list[tuple[Mapping[str, Any], Any]]] = defaultdict(list)
    for (now, trial, _, _), (_, pair) in sorted(latest.items()):
        pairs[now, trial].append(pair)
    return [(now, trial, found) for (now, trial), found in sorted(pairs.items())]


def compared(settings: Settings) -> list[str]:
    """Lines for a reader.

    Raises:
        UserError: no card runs in shadow.
    """
    fields = ("facility", "subject", "at", "mode", "scorecard", "score", "level")
    lines = []
    for now, trial, pairs in side_by_side(rows_of(settings, RiskScore, fields=fields)):
        moved = Counter((a["level"], b["level"]) for a, b in pairs)
        mean = sum(b["score"] - a["score"] for a, b in pairs) / len(pairs)
        same = sum(n for (a, b), n in moved.items() if a == b)
        lines.append(f"{trial} beside {now}: {len(pairs)} scored by both, {same} with the same level, mean {mean:+.2f}")
        for (before, after), count in sorted(moved.items(), key=lambda m: [ORDER.index(level) for level in m[0]]):
            if before != after:
                lines.append(f"  {before} -> {after}: {count}")
    if not lines:
        raise UserError(
            "no scorecard runs in shadow", where="silver.risk", do="safehold rules deploy person-risk.yaml --by --why"
        )
    return lines
