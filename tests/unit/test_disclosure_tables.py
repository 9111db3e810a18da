"""From published tables to cells and sums, and back to tables with numbers withheld."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from batch_jobs.disclosure.policy import HERE, load_profile, load_structure
from batch_jobs.disclosure.tables import BrokenSum, lay_out, withhold
from quality.attack.statements import attack

STRUCTURE = load_structure()
STRICT = load_profile(HERE / "profiles" / "strict.yaml")
UNITS = [
    ("nation", "00", None, None, None),
    ("province", "33", "33", None, None),
    ("city", "3301", "33", "3301", None),
    ("facility", "330101", "33", "3301", "330101"),
    ("facility", "330102", "33", "3301", "330102"),
    ("facility", "990001", None, None, "990001"),
]
KEY = ["tier", "unit", "province", "city", "facility", "month"]
MONTHS = pd.date_range("2025-01-01", periods=12, freq="MS")


def inside(unit: str, facility: str) -> bool:
    """Whether a unit holds a facility."""
    return unit == "00" or facility.startswith(unit)


def frames(deaths: dict[tuple[str, int, str], int]) -> dict[str, pd.DataFrame]:
    """Published tables of a year with these deaths by facility, month and class, and nothing else."""

    def count(unit: str, months: range, *classes: str) -> int:
        return sum(n for (f, m, k), n in deaths.items() if inside(unit, f) and m in months and k in classes)

    every = ("illness", "unnatural", "pending", "unknown")
    rows: list[dict[str, Any]] = []
    for tier, unit, province, city, facility in UNITS:
        for m, month in enumerate(MONTHS):
            key: dict[str, Any] = dict(zip(KEY, (tier, unit, province, city, facility, month), strict=True))
            now, year = range(m, m + 1), range(m - 11, m + 1)
            full = m == 11
            row = key | {f"deaths_{k}": count(unit, now, k) for k in every}
            row |= {
                "deaths_total": count(unit, now, *every),
                "deaths_off_site": 0,
                "unnatural_low": count(unit, now, "unnatural"),
                "unnatural_high": count(unit, now, "unnatural", "pending", "unknown"),
                "deaths_12m": count(unit, year, *every) if full else None,
                "deaths_12m_in_rate": count(unit, year, *every) if full else None,
                "unnatural_low_12m": count(unit, year, "unnatural") if full else None,
                "unnatural_high_12m": count(unit, year, "unnatural", "pending", "unknown") if full else None,
                "adp_12m": 1000.0 if full else None,
                "rate_per_1000_12m": float(count(unit, year, *every)) if full else None,
                "rate_low": 0.1 if full else None,
                "rate_high": 9.0 if full else None,
                "rate_flag": "unreliable" if full else "short_window",
                "control": "within" if full else "no_rate",
                "withheld": "",
            }
            rows.append(row)
    table = pd.DataFrame(rows)
    numbers = ["minor", "serious", "major", "incidents_total", "detainees_involved", "staff_involved"]
    windows = ["incidents_12m", "incidents_12m_in_rate"]
    rates = ["adp_12m", "rate_per_1000_12m", "rate_low", "rate_high", "rate_flag", "withheld"]
    none = pd.DataFrame({c: table[c][:0] for c in KEY} | {c: pd.Series(dtype=float) for c in numbers + windows})
    none = none.assign(**{c: pd.Series(dtype=object) for c in rates})
    risk = pd.DataFrame({c: table[c][:0] for c in KEY[:5]}).assign(
        as_of=table["month"][:0], level=pd.Series(dtype=object), persons=pd.Series(dtype=float), withheld=""
    )
    return {
        "deaths": table,
        "accidents": none.assign(family=pd.Series(dtype=object)),
        "accidents_total": none,
        "risk_levels": risk,
        "rights": pd.DataFrame({c: table[c][:0] for c in KEY}).assign(
            **{c: pd.Series(dtype=float) for c in STRUCTURE.tables["rights"].numbers if not c.endswith("*")},
            withheld="",
        ),
        "population": table[KEY].assign(days_missing=0, facility_days=30),
    }


SEEN = {("330101", 3, "illness"): 4, ("330101", 3, "unnatural"): 1, ("990001", 5, "pending"): 6}


def test_a_facility_without_a_city_adds_to_the_nation_alone() -> None:
    layout = lay_out(frames(SEEN), STRUCTURE, STRICT)
    place = {name: i for i, name in enumerate(layout.names)}
    period = 2025 * 12 + 5
    nation = place[f"deaths|deaths_pending|nation|00|{period}|"]
    sums = layout.cells.relations[:, [nation]].tocoo()
    parts = {
        layout.names[i].split("|")[3]
        for row, factor in zip(sums.row, sums.data, strict=True)
        if factor < 0
        for i in layout.cells.relations[[row]].tocoo().col
    }
    assert {"33", "990001"} <= parts
    assert layout.cells.values[nation] == 6


def test_a_sum_that_does_not_hold_is_named_with_its_cells() -> None:
    wrong = frames(SEEN)
    wrong["deaths"].loc[wrong["deaths"]["tier"] == "city", "deaths_illness"] += 1
    with pytest.raises(BrokenSum, match="deaths_illness"):
        lay_out(wrong, STRUCTURE, STRICT)


def test_what_gives_a_withheld_number_away_goes_with_it_and_the_row_says_so() -> None:
    given = frames(SEEN)
    layout = lay_out(given, STRUCTURE, STRICT)
    chosen = np.array(
        [
            name in (f"deaths|deaths_12m_in_rate|facility|330101|{2025 * 12 + 11}|",
                     f"deaths|deaths_unnatural|facility|330101|{2025 * 12 + 3}|")
            for name in layout.names
        ]
    )  # fmt: skip
    shown = withhold(given, layout, chosen, STRUCTURE)["deaths"]
    last = shown[(shown["unit"] == "330101") & (shown["month"] == MONTHS[11])].iloc[0]
    rate = ["rate_per_1000_12m", "rate_low", "rate_high", "rate_flag", "control"]
    assert last["withheld"].split() == ["deaths_12m_in_rate", *rate]
    assert pd.isna(last["rate_per_1000_12m"])
    assert last["rate_flag"] == "withheld"
    assert last["control"] == "withheld"
    assert last["deaths_12m"] == 5
    april = shown[(shown["unit"] == "330101") & (shown["month"] == MONTHS[3])].iloc[0]
    assert set(april["withheld"].split()) == {"deaths_unnatural", "unnatural_low"}
    assert (shown["withheld"] != "").sum() == 2


@pytest.mark.parametrize("left", ["rate_per_1000_12m", "unnatural_low"])
def test_the_reader_sees_a_number_through_its_rate_or_its_twin(left: str) -> None:
    # The class and the count of a facility are withheld, and the column that gives one of them away is forgotten.
    given = frames(SEEN)
    given["deaths"] = given["deaths"][given["deaths"]["tier"] == "facility"].reset_index(drop=True)
    april = (given["deaths"]["unit"] == "330101") & (given["deaths"]["month"] == MONTHS[3])
    last = (given["deaths"]["unit"] == "330101") & (given["deaths"]["month"] == MONTHS[11])
    hidden = {
        "unnatural_low": (april, ["deaths_unnatural", "deaths_illness", "deaths_pending", "unnatural_high"]),
        "rate_per_1000_12m": (last, ["deaths_12m_in_rate", "deaths_12m"]),
    }
    row, columns = hidden[left]
    given["deaths"].loc[row, columns] = None
    given["deaths"].loc[row, "withheld"] = " ".join(columns)
    given["deaths"].loc[april, ["deaths_total"]] = None
    given["deaths"].loc[april, "withheld"] += " deaths_total"
    found = {number[-1]: what for number, what in attack([given]).items() if what.pinned}
    assert found["deaths_unnatural" if left == "unnatural_low" else "deaths_12m_in_rate"].low in (1, 5)


def test_the_reader_remembers_what_was_shown_before() -> None:
    before, now = frames(SEEN), frames(SEEN)
    row = (now["deaths"]["unit"] == "330101") & (now["deaths"]["month"] == MONTHS[3])
    columns = ["deaths_unnatural", "unnatural_low", "unnatural_high", "deaths_pending", "deaths_illness"]
    now["deaths"].loc[row, columns] = None
    now["deaths"].loc[row, "withheld"] = " ".join(columns)
    now["deaths"] = now["deaths"][now["deaths"]["tier"] == "facility"].reset_index(drop=True)
    now["deaths"]["unnatural_low_12m"] = None
    now["deaths"]["unnatural_high_12m"] = None
    alone = attack([now])
    assert not any(what.pinned for what in alone.values())
    assert alone
    both = attack([before, now])
    assert {number[-1]: what.low for number, what in both.items() if what.pinned}["deaths_unnatural"] == 1
