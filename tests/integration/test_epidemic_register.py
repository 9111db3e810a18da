"""The register of measures against an epidemic, as the command that posts their events keeps it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.casework.books import Desk
from infra.casework.measures import enter_measure
from infra.settings import Settings, load_settings
from ingestion.contracts import EpidemicMeasure, EpidemicRecord

DAY = datetime(2026, 11, 2, 8, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path)


def say(settings: Settings, day: float, action: Any = "impose", **fields: Any) -> bool:
    """What an event on that day enters; ``starts_at`` and ``ends_at`` are days as well."""
    at = DAY + timedelta(days=day)
    fields |= {name: _ms(DAY + timedelta(days=fields.pop(name))) for name in ("starts_at", "ends_at") if name in fields}
    event = EpidemicMeasure(
        facility="330101", event_time=_ms(at), device="measures-desk", measure="q-1", kind="quarantine", by="o-9",
        action=action, **fields,
    )  # fmt: skip
    return enter_measure(Desk(settings, "o-9", "test", at, "measures-desk"), event)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def known(settings: Settings, day: float) -> tuple[str, float, float | None]:
    """Block, first and last day of the measure, as known on a day."""
    (row,) = Desk(settings, "o-9", "test", DAY + timedelta(days=day)).rows(EpidemicRecord)
    days = [None if moment is None else (moment - DAY) / timedelta(days=1) for moment in (row.starts, row.ends)]
    assert days[0] is not None
    return row.block, days[0], days[1]


def test_a_measure_is_entered_corrected_and_lifted_and_each_version_stays_readable(settings: Settings) -> None:
    assert say(settings, 0, block="B1", starts_at=1)
    assert say(settings, 2, block="B2", starts_at=1, ends_at=15)
    assert say(settings, 8, "lift")
    assert [known(settings, day) for day in (0, 2, 8)] == [("B1", 1, None), ("B2", 1, 15), ("B2", 1, 8)]


def test_a_lift_never_lengthens_and_one_before_the_begin_takes_the_measure_back(settings: Settings) -> None:
    say(settings, 0, block="B1", starts_at=3, ends_at=5)
    say(settings, 1, "lift", ends_at=9)
    assert known(settings, 1) == ("B1", 3, 5)
    say(settings, 2, "lift")
    assert known(settings, 2) == ("B1", 3, 3)


def test_one_persons_measure_is_not_entered_and_one_turned_into_it_is_taken_back(settings: Settings) -> None:
    assert not say(settings, 0, subject="p-1")
    assert not say(settings, 0, "lift")
    assert Desk(settings, "o-9", "test", DAY).rows(EpidemicRecord) == []
    say(settings, 1, block="B1")
    say(settings, 2, subject="p-1")
    assert known(settings, 2) == ("B1", 1, 1)
