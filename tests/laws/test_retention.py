"""Every lake table says whether and by what its rows grow old, and every profile for how long they are kept."""

from __future__ import annotations

import tomllib

import pytest

from batch_jobs.lakehouse.retention import AGES
from infra.settings.model import PROFILES
from ingestion.contracts import DERIVED, REGISTERS

FOR_GOOD = {
    "bronze.landing": "counts, of which no person is a part",
    "silver.ledger": "counts, of which no person is a part",
    "silver.custody_code": "a code in force may rest on rows of any age, and an appeal may ask for them",
    "silver.rule_status": "which rule was in force when; of no person",
    "audit.log": "who changed what",
    "audit.retired": "counts of what was let go",
}
"""Tables whose rows are kept, and why. Registers are kept as well: published figures must be reproducible."""

DAYS = [
    pytest.param(tomllib.loads(path.read_text("utf-8"))["keep_days"], id=path.stem) for path in PROFILES.glob("*.toml")
]


def test_a_derived_table_either_has_an_age_or_is_kept_for_a_reason() -> None:
    assert AGES.keys() | FOR_GOOD.keys() == DERIVED.keys()
    assert not AGES.keys() & FOR_GOOD.keys()


def test_an_age_is_a_time_in_ms_of_the_tables_contract() -> None:
    for table, column in AGES.items():
        extra = DERIVED[table].model_fields[column].json_schema_extra
        assert isinstance(extra, dict), (table, column)
        assert extra["unit"] == "ms", (table, column)


def test_no_register_row_grows_old() -> None:
    assert [name for name, model in REGISTERS.items() if getattr(model, "AGE", "")] == []


@pytest.mark.parametrize("days", DAYS)
def test_every_table_with_an_age_is_kept_for_a_stated_time_and_features_the_shortest(days: dict[str, int]) -> None:
    assert days.keys() == AGES.keys()
    assert min(days, key=days.__getitem__) == "silver.features"
