"""Tiers: which facilities a unit answers for, and how load and weakness weigh on them."""

from __future__ import annotations

from datetime import date

import duckdb

from infra.casework.books import Desk
from infra.settings import Settings, UserError
from ingestion.contracts import AdminUnit, Facility


def facilities_of(desk: Desk, unit: str) -> list[str]:
    """Facilities open today in a unit and all units below it; a facility's own id stands for itself.

    Raises:
        UserError: no such unit.
    """
    units = {row.unit: row.parent for row in desk.rows(AdminUnit)}
    facilities = [row for row in desk.rows(Facility) if _is_open(row, desk.today)]
    if unit in {row.facility for row in facilities}:
        return [unit]
    if unit not in units:
        raise UserError(f"there is no unit {unit!r}", where="--scope", do=f"use one of: {', '.join(units) or '-'}")

    def is_below(one: str | None) -> bool:
        return one is not None and (one == unit or is_below(units.get(one)))

    return [row.facility for row in facilities if is_below(row.unit)]


def _is_open(row: Facility, day: date) -> bool:
    return (row.opened is None or row.opened <= day) and (row.closed is None or row.closed > day)


def points_of(settings: Settings) -> dict[str, int]:
    """Points of load and weakness by facility, of the last publication; empty where nothing is published."""
    if not settings.published_db.exists():
        return {}
    with duckdb.connect(str(settings.published_db), read_only=True) as connection:
        rows = connection.execute(
            "select unit, load_score + weakness_score from publication.facility_ranking"
        ).fetchall()
    return {str(unit): int(points) for unit, points in rows}
