"""What may come after a build: a late row, a corrected cause of death, two units that become one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from infra.settings import Settings, open_catalog, table_name
from ingestion.contracts import AdminUnit, Contract, Death, Facility, Stay
from tests.support.lake import fill, learnt
from tests.support.new_day import add_day


def _rows(settings: Settings, model: type[Contract]) -> list[dict[str, Any]]:
    """A register's rows, those learnt last at the end."""
    table = open_catalog(settings).load_table(table_name(model)).scan().to_arrow()
    return sorted(table.to_pylist(), key=lambda row: (row["known_from"], str(row)))


def end_the_month(settings: Settings) -> None:
    """Days until the running month is over, so that it becomes one of the published."""
    for day in (date(2026, 11, 24), date(2026, 11, 30)):
        add_day(settings, day)


def come_late(settings: Settings) -> None:
    """A stay of the spring arrives; its register says that it was known in June, long before the build."""
    like = _rows(settings, Stay)[0]
    late = {"stay": "late", "subject": "late", "admitted": date(2026, 3, 5), "released": date(2026, 4, 20)}
    given = {"release_kind": "released", "known_from": learnt("2026-06-01"), "source": "late"}
    fill(settings, Stay.model_validate(like | late | given))


def correct_a_cause(settings: Settings) -> None:
    """A death of illness turns out to be a homicide."""
    found = next(row for row in reversed(_rows(settings, Death)) if row["death_class"] == "illness")
    fill(settings, Death.model_validate(found | {"death_class": "homicide", "known_from": learnt("2026-12-01")}))


def merge_two_units(settings: Settings) -> None:
    """The second city of the first province joins the first: its facilities belong there from now on."""
    cities = sorted({row["unit"] for row in _rows(settings, AdminUnit) if row["tier"] == "city"})
    latest = {row["facility"]: row for row in _rows(settings, Facility)}
    moved = [row for row in latest.values() if row["unit"] == cities[1]]
    assert moved
    given = {"unit": cities[0], "known_from": learnt("2026-12-02")}
    fill(settings, *(Facility.model_validate(row | given) for row in moved))


def correct_a_stay(settings: Settings) -> None:
    """A release turns out to have been ten days earlier."""
    found = next(row for row in reversed(_rows(settings, Stay)) if row["released"] and row["stay"] != "late")
    earlier = max(found["admitted"], found["released"] - timedelta(days=10))
    fill(settings, Stay.model_validate(found | {"released": earlier, "known_from": learnt("2026-12-03")}))


NEWS = {
    "a new day": end_the_month,
    "a late row": come_late,
    "a corrected cause of death": correct_a_cause,
    "a merged unit": merge_two_units,
    "a corrected stay": correct_a_stay,
}
