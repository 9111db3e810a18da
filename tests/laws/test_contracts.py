"""Laws over all contracts: documentation, units, bounds, forbidden attributes, generated files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar, get_args, get_origin

import annotated_types
import jsonschema  # type: ignore[import-untyped]
import pyarrow as pa
import pytest
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from infra.settings import iceberg_schema
from infra.settings.model import ROOT
from ingestion.contracts import DERIVED, EVENTS, REGISTERS, Contract, Event, ForbiddenAttribute, contract_named
from ingestion.contracts.base import FORBIDDEN
from ingestion.contracts.examples import examples_of
from ingestion.contracts.generate import outputs, stale, write
from ingestion.contracts.generate.fields import nested_in
from ingestion.contracts.reading import read_record
from ingestion.contracts.schemas import arrow_schema, scalar_of, split_optional, unit_of

MODELS: list[type[BaseModel]] = [
    model
    for contract in (*EVENTS.values(), *REGISTERS.values(), *DERIVED.values())
    for model in (contract, *nested_in(contract))
]

GENERATED = outputs()

# Whole numbers that number things instead of measuring them.
ORDINALS = {"edition", "topic_partition", "topic_offset", "offset_from", "offset_to", "part", "number", "rule_version"}
UNITS = {
    "ms", "px", "m", "ratio", "beats/min", "%", "Cel", "ppm", "lx", "persons", "pieces", "count", "min", "year",
    "byte", "points", "m/px", "s", "us", "1/s",
}  # fmt: skip


def every_field() -> Iterator[tuple[str, FieldInfo]]:
    for model in MODELS:
        for name, info in model.model_fields.items():
            yield f"{model.__name__}.{name}", info


def number_in(info: FieldInfo) -> type | None:
    inner = split_optional(info.annotation)[0]
    while get_origin(inner) in (list, tuple):
        inner = get_args(inner)[0]
    kind = scalar_of(inner)
    return kind if kind in (int, float) else None


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_contract_and_field_says_what_it_means(model: type[BaseModel]) -> None:
    assert model.__doc__
    assert model.__doc__ != BaseModel.__doc__
    for name, info in model.model_fields.items():
        assert (info.description or "").endswith("."), f"{model.__name__}.{name}"


@pytest.mark.parametrize(("field", "info"), every_field())
def test_every_quantity_has_a_unit_from_the_list(field: str, info: FieldInfo) -> None:
    unit = unit_of(info)
    if number_in(info) is None or field.split(".")[1] in ORDINALS:
        assert unit == "", field
    else:
        assert unit in UNITS, field


@pytest.mark.parametrize("model", EVENTS.values(), ids=EVENTS)
def test_every_whole_number_of_an_event_fits_64_bits_and_every_text_is_bounded(model: type[Event]) -> None:
    for part in (model, *nested_in(model)):
        for name, info in part.model_fields.items():
            if number_in(info) is int:
                bounds = [float(str(c.le)) for c in info.metadata if isinstance(c, annotated_types.Le)]
                assert min(bounds, default=2**63) < 2**63, f"{part.__name__}.{name}"
            if split_optional(info.annotation)[0] is str:
                bounded = any(isinstance(c, annotated_types.MaxLen) or hasattr(c, "pattern") for c in info.metadata)
                assert bounded, f"{part.__name__}.{name}"
            if get_origin(split_optional(info.annotation)[0]) is list:
                assert any(isinstance(c, annotated_types.MaxLen) for c in info.metadata), f"{part.__name__}.{name}"


@pytest.mark.parametrize("name", [*EVENTS, *REGISTERS, *DERIVED])
def test_a_contract_is_found_by_its_name(name: str) -> None:
    assert contract_named(name) in (EVENTS | REGISTERS | DERIVED).values()


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"no contract named 'videos'; known: .*video"):
        contract_named("videos")


@pytest.mark.parametrize(
    "name",
    ["ethnicity", "religion", "face_embedding", "gait", "fingerprint", "full_name", "id_card", "remarks", "free_text"],
)
def test_a_contract_with_a_forbidden_attribute_cannot_be_defined(name: str) -> None:
    with pytest.raises(ForbiddenAttribute, match=f"Bad.{name}"):
        type("Bad", (Contract,), {"__annotations__": {name: str}, "__module__": __name__})


def test_a_forbidden_attribute_cannot_hide_in_an_event_of_a_new_subsystem() -> None:
    with pytest.raises(ForbiddenAttribute):

        class KitchenEvent(Event):
            """A new subsystem."""

            TYPE: ClassVar[str] = "kitchen"
            ethnicity: str


def test_no_field_of_any_contract_is_forbidden_and_words_that_only_look_like_it_are_allowed() -> None:
    assert [field for field, _ in every_field() if FORBIDDEN.search(field.split(".")[1])] == []
    for innocent in ("trace", "surface", "interface_state", "bracelet", "dnase"):
        assert not FORBIDDEN.search(innocent), innocent


@pytest.mark.parametrize("name", [*REGISTERS, *DERIVED])
def test_rows_of_every_table_go_to_arrow_and_back_unchanged(name: str) -> None:
    model = contract_named(name)
    rows = [read_record(name, json.dumps(record)) for record in examples_of(name).passing]
    table = pa.Table.from_pylist([row.model_dump() for row in rows], schema=arrow_schema(model))
    assert [model.model_validate(row) for row in table.to_pylist()] == rows


@pytest.mark.parametrize("model", [*REGISTERS.values(), *DERIVED.values()], ids=[*REGISTERS, *DERIVED])
def test_iceberg_has_the_same_columns_in_the_same_order_with_ids_of_their_own(model: type[Contract]) -> None:
    schema = iceberg_schema(model)
    assert [field.name for field in schema.fields] == list(model.model_fields)
    ids = [field.field_id for field in schema.fields]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("model", REGISTERS.values(), ids=REGISTERS)
def test_a_register_s_key_is_made_of_its_required_or_defaulted_plain_fields(model: type[Contract]) -> None:
    for name in model.KEY:  # type: ignore[attr-defined]
        kind = scalar_of(split_optional(model.model_fields[name].annotation)[0])
        assert kind in (str, int, date, datetime)
        assert not split_optional(model.model_fields[name].annotation)[1]


# -- generated files -------------------------------------------------------------------------------


def test_generated_files_are_current() -> None:
    assert stale(ROOT) == [], "run `safehold contracts generate`"


@pytest.mark.parametrize("path", GENERATED)
def test_a_generated_file_says_so_in_its_first_line(path: str) -> None:
    assert "safehold contracts generate" in GENERATED[path].splitlines()[0]


def test_a_changed_deleted_or_left_over_file_is_named_and_mended(tmp_path: Path) -> None:
    assert len(write(tmp_path)) == len(GENERATED)
    assert stale(tmp_path) == []
    generated = tmp_path / "ingestion/contracts/generated"
    (generated / "video.schema.json").write_text("{}", encoding="utf-8")
    (generated / "flink.sql").unlink()
    shutil.copy(generated / "iceberg.json", generated / "gone.schema.json")
    names = ["flink.sql", "gone.schema.json", "video.schema.json"]
    assert [Path(path).name for path in stale(tmp_path)] == names
    assert [Path(path).name for path in write(tmp_path)] == names
    assert stale(tmp_path) == []


def test_json_schemas_are_json_and_ask_for_the_type_of_an_event() -> None:
    for name in (*EVENTS, *REGISTERS, *DERIVED):
        schema = json.loads(GENERATED[f"ingestion/contracts/generated/{name}.schema.json"])
        assert schema["additionalProperties"] is False
        if name in EVENTS:
            assert "type" in schema["required"]
            assert schema["properties"]["type"]["const"] == name


# What JSON Schema cannot say: 1.0 is an integer to it, a date-time may lack its zone, fields do not know each other.
BEYOND_JSON_SCHEMA = {
    "it ends before it starts",
    "people are whole",
    "a moment without its time zone",
    "when it was due without its time zone",
    "when it happened has no time zone",
    "the day is not in the year",
    "a type that the catalogue does not hold",
    "a type of another family",
    "a type after it was taken out of use",
    "back before leaving",
    "a period that ends before it begins",
    "seen but not observable",
    "answered before it was received",
    "more in solitary confinement than there are persons",
    "more with an outcome than there are persons",
    "more over 15 days than in solitary confinement",
    "taken off before it was put on",
    "met and lapsed",
    "answered before anybody was told",
    "closed before anybody was told",
    "an outcome without an end",
}


@pytest.mark.parametrize("name", [*EVENTS, *REGISTERS, *DERIVED])
def test_the_json_schema_of_a_contract_agrees_with_its_examples(name: str) -> None:
    schema = json.loads(GENERATED[f"ingestion/contracts/generated/{name}.schema.json"])
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(schema, format_checker=formats)
    for record in examples_of(name).passing:
        validator.validate(record)
    missed = {fail.reason for fail in examples_of(name).failing if validator.is_valid(fail.record)}
    assert missed <= BEYOND_JSON_SCHEMA


def test_dbt_sources_name_every_table_of_the_lake_with_all_its_columns() -> None:
    sources = yaml.safe_load(GENERATED["dbt/models/staging/_sources.yml"])["sources"]
    tables = {f"{source['name']}.{table['name']}": table for source in sources for table in source["tables"]}
    assert set(tables) == {f"register.{name}" for name in REGISTERS} | set(DERIVED)
    for name, table in tables.items():
        assert table["meta"] == {"plugin": "lake", "iceberg_table": name, "save_mode": "ignore"}
        model = contract_named(name.removeprefix("register."))
        assert [column["name"] for column in table["columns"]] == list(model.model_fields)


def test_the_reference_page_has_every_contract_with_an_example() -> None:
    page = GENERATED["docs/reference/contracts.md"]
    for name in (*EVENTS, *REGISTERS, *DERIVED):
        section = page.split(f"\n### {name}\n")[1].split("\n### ")[0]
        assert "```json" in section
        for field in contract_named(name).model_fields:
            assert f"| `{field}` |" in section
