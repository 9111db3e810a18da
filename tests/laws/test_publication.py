"""Laws over all publication models: described in full, in both languages, and without anything about a person."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from batch_jobs.derived_registers.days import FIRST_OVER, OUTSIDE_MIN
from batch_jobs.disclosure.policy import HERE, load_profile, load_structure
from batch_jobs.marts.pages import FACTS, stale
from batch_jobs.marts.seeds import control_limit, garwood_limits, stale_seeds
from ingestion.contracts.base import FORBIDDEN
from quality.attack.gate import TABLES as ATTACKED
from quality.suites.privacy import PERSON_COLUMNS
from streaming_jobs.catalogue import load_catalogue
from streaming_jobs.features.domains.days import OUTSIDE_S, PROLONGED_DAYS

DBT = Path(__file__).resolve().parents[2] / "dbt"
FILES = sorted(path for path in (DBT / "models" / "publication").glob("*.yml") if not path.stem.endswith("unit_tests"))
FILES_OF = {path.stem: path for path in FILES}


def model_of(path: Path) -> dict[str, Any]:
    models = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    assert len(models) == 1
    found: dict[str, Any] = models[0]
    return found


def test_every_publication_model_has_its_description_and_no_description_is_left_over() -> None:
    assert {path.stem for path in FILES} == {path.stem for path in (DBT / "models" / "publication").glob("*.sql")}


def test_every_model_of_every_layer_is_described() -> None:
    for layer in ("staging", "intermediate", "marts"):
        folder = DBT / "models" / layer
        described = {m["name"] for m in yaml.safe_load((folder / f"{layer}.yml").read_text(encoding="utf-8"))["models"]}
        assert described == {path.stem for path in folder.glob("*.sql")}


def test_every_figure_is_rounded_by_the_macro_that_is_the_same_on_both_engines() -> None:
    texts = {p.name: re.sub(r"{#.*?#}", "", p.read_text(encoding="utf-8"), flags=re.S) for p in DBT.rglob("*.sql")}
    assert [name for name, text in texts.items() if re.search(r"\bround\(", text)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_column_has_type_description_chinese_label_and_every_measure_a_unit(path: Path) -> None:
    model = model_of(path)
    assert model["name"] == path.stem
    assert model["description"]
    for column in model["columns"]:
        meta = column["config"]["meta"]
        assert column["description"].endswith((".", "。")), column["name"]
        assert column["data_type"] in {"string", "date", "timestamp", "bigint", "double", "boolean"}
        assert any("一" <= letter <= "鿿" for letter in meta["zh"]), column["name"]
        assert ("unit" in meta) == (column["data_type"] in ("bigint", "double")), column["name"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_table_carries_the_columns_of_row_security_and_none_about_a_person(path: Path) -> None:
    names = [column["name"] for column in model_of(path)["columns"]]
    assert names[:7] == ["tier", "unit", "unit_name_zh", "unit_name_en", "province", "city", "facility"]
    assert not set(names) & set(PERSON_COLUMNS)
    # A unit's name in two languages is no person's name.
    assert not [name for name in names if FORBIDDEN.search(name)]


def test_the_generated_seeds_are_current() -> None:
    assert stale_seeds(DBT / "seeds") == [], "run `safehold marts seeds`"


def test_the_pages_of_the_metrics_and_the_exposures_are_current() -> None:
    assert stale(DBT.parent) == [], "run `safehold marts pages`"


def test_every_metric_says_what_a_reader_must_know() -> None:
    metrics = model_of(DBT / "models" / "publication" / "metrics.yml")["config"]["meta"]["metrics"]
    facts = {"zh", "en", "mart", "kind", "part", "definition", *FACTS, "traps"}
    for name, metric in metrics.items():
        assert facts <= set(metric) <= facts | {"whole", "per", "where"}, name
        assert any("一" <= letter <= "鿿" for letter in metric["zh"]), name
        assert metric["traps"], name
        assert ("whole" in metric) == (metric["kind"] in ("level", "share", "ratio")), name


@pytest.mark.parametrize(
    ("events", "lower", "upper"),
    # Garwood, F. (1936), Fiducial limits for the Poisson distribution, table 1; as reprinted in Ulm (1990).
    [(0, 0.0, 3.69), (1, 0.0253, 5.57), (3, 0.619, 8.77), (10, 4.80, 18.39), (20, 12.22, 30.89), (100, 81.36, 121.63)],
)
def test_poisson_limits_are_the_published_ones(events: int, lower: float, upper: float) -> None:
    low, high = garwood_limits(events)
    assert low == pytest.approx(lower, abs=0.006)
    assert high == pytest.approx(upper, abs=0.006)


@pytest.mark.parametrize("expected", [0.3, 2.0, 7.5, 40.0, 400.0])
@pytest.mark.parametrize("p", [0.001, 0.025, 0.975, 0.999])
def test_a_control_limit_leaves_the_stated_share_of_chance_beyond_it(expected: float, p: float) -> None:
    from scipy.stats import poisson

    limit = control_limit(expected, p)
    whole = math.ceil(limit)
    # Spiegelhalter's limit lies between the last whole count that p still covers and the first that it does not.
    assert poisson.cdf(whole, expected) > p
    assert limit == 0.0 or poisson.cdf(whole - 1, expected) <= p


def test_control_limits_of_large_counts_are_those_of_the_normal_approximation() -> None:
    for p, z in ((0.025, -1.959964), (0.975, 1.959964), (0.001, -3.090232), (0.999, 3.090232)):
        assert control_limit(10_000, p) == pytest.approx(10_000 + z * 100, abs=2)


@pytest.mark.parametrize("table", sorted(load_structure().tables))
def test_every_number_of_a_table_under_disclosure_control_is_a_cell_or_follows_from_one(table: str) -> None:
    structure = load_structure().tables[table]
    stated = {*structure.numbers, *structure.same, *(c for columns in structure.gives.values() for c in columns)}
    numbers = {c["name"] for c in model_of(FILES_OF[table])["columns"] if c["data_type"] in ("bigint", "double")}
    # The population of the rate is no count of what happened; control limits are of it and of the national rate.
    limits = {"national_rate", *(f"limit_{side}_{level}" for side in ("low", "high") for level in (95, 998))}
    assert numbers - {"adp_12m"} - limits <= stated
    assert "withheld" in {c["name"] for c in model_of(FILES_OF[table])["columns"]}


def test_the_gate_attacks_every_table_under_disclosure_control() -> None:
    assert set(ATTACKED) == set(load_structure().tables)


@pytest.mark.parametrize("path", sorted((HERE / "profiles").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_publication_table_is_under_a_profiles_rules_or_outside_them_for_a_reason(path: Path) -> None:
    profile = load_profile(path)
    assert {rule.table for rule in profile.rules} | set(profile.outside) == set(FILES_OF)
    assert all(reason.endswith(".") for reason in [*profile.outside.values(), *(rule.why for rule in profile.rules)])


def test_figures_of_rights_count_by_the_limits_of_the_rules_and_features() -> None:
    settings = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    rule = next(rule for rule in load_catalogue().rules if rule.id == "int-10")
    assert {threshold.value for threshold in rule.parameters["arrange_s"]} == {settings["lawyer_hours"] * 3600}
    assert (FIRST_OVER - 1, OUTSIDE_MIN * 60) == (PROLONGED_DAYS, OUTSIDE_S)
