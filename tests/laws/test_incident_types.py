"""Laws over the catalogue of incident types: families as the contract says, nothing ever removed, both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from ingestion.contracts import Incident, IncidentType, incident_types

EVER = Path(__file__).with_name("incident_types_ever.txt")
TYPES = [entry for types in incident_types().values() for entry in types.values()]


def test_the_families_are_those_of_the_contract_and_hold_about_forty_types() -> None:
    assert set(incident_types()) == set(get_args(Incident.model_fields["family"].annotation))
    assert all(incident_types().values())
    assert len(TYPES) >= 40


def test_no_type_or_version_was_ever_removed_and_every_one_is_recorded_as_having_been() -> None:
    ever = {line for line in EVER.read_text(encoding="utf-8").splitlines() if not line.startswith("#")}
    now = {f"{entry.type} {meaning.version}" for entry in TYPES for meaning in entry.meanings}
    assert ever - now == set(), "types are taken out of use with `until`, not removed"
    assert now - ever == set(), f"add these lines to {EVER.name}"


@pytest.mark.parametrize("entry", TYPES, ids=lambda entry: str(entry.type))
def test_every_type_is_named_in_both_languages(entry: IncidentType) -> None:
    assert any("一" <= letter <= "鿿" for letter in entry.zh)
    assert entry.en.isascii()


def test_a_type_out_of_use_stays_readable_and_a_changed_meaning_is_a_version_from_its_day_on() -> None:
    entry = IncidentType.model_validate(
        {
            "type": "smoke", "version": 2, "since": date(2025, 7, 1), "until": date(2026, 1, 1),
            "en": "Smoke", "zh": "烟雾",
            "before": [{"version": 1, "since": date(2020, 1, 1), "en": "Smoke or smell", "zh": "烟雾或异味"}],
        }
    )  # fmt: skip
    assert [entry.version_on(day) for day in (date(2020, 1, 1), date(2025, 6, 30), date(2025, 7, 1))] == [1, 1, 2]
    assert not entry.holds_on(date(2019, 12, 31))
    assert entry.holds_on(date(2025, 12, 31))
    with pytest.raises(ValueError, match="smoke is not in use on 2026-01-01"):
        entry.version_on(date(2026, 1, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 2},
        {"until": date(2019, 1, 1)},
        {"version": 2, "before": [{"version": 1, "since": date(2021, 1, 1), "en": "x", "zh": "x"}]},
    ],
)
def test_versions_out_of_order_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        IncidentType.model_validate({"type": "smoke", "since": date(2020, 1, 1), "en": "Smoke", "zh": "烟雾"} | wrong)
