"""The reference page: every contract, its fields and an example, readable in one go."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import BaseModel

from ingestion.contracts.base import Contract
from ingestion.contracts.examples import examples_of
from ingestion.contracts.generate.fields import doc_of, fields_of, nested_in, table_of
from ingestion.contracts.generate.notice import NOTICE
from ingestion.contracts.registry import DERIVED, EVENTS, REGISTERS

_INTRODUCTION = """# Contracts

Every record that enters or leaves the platform, stated once in `ingestion/contracts`. Values are
checked without coercion, unknown fields are refused, and identities, biometrics, ethnicity,
religion and free text about a person cannot be declared at all.
"""


def reference_page() -> str:
    """The page `docs/reference/contracts.md`."""
    lines = [f"<!-- {NOTICE} -->", _INTRODUCTION]
    lines += _contents()
    groups: list[tuple[str, str, dict[str, type[Contract]]]] = [
        ("Events", "One JSON object each; the record's key is the facility's id.", {**EVENTS}),
        ("Registers", "Append-only, bitemporal tables `register.<name>` of the lake.", {**REGISTERS}),
        ("Derived tables", "What the platform itself writes.", {**DERIVED}),
    ]
    for title, about, models in groups:
        lines += [f"## {title}", "", about, ""]
        for name, model in models.items():
            lines += _section(name, model)
    return "\n".join(lines).rstrip() + "\n"


def _contents() -> list[str]:
    lines = []
    for title, models in (("Events", EVENTS), ("Registers", REGISTERS), ("Derived tables", DERIVED)):
        links = ", ".join(f"[{name}](#{name.replace('.', '')})" for name in models)
        lines.append(f"- {title}: {links}")
    return [*lines, ""]


def _section(name: str, model: type[Contract]) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    yield doc_of(model)
    yield ""
    if name in REGISTERS:
        key = ", ".join(f"`{column}`" for column in REGISTERS[name].KEY)
        yield f"Table `{'.'.join(table_of(model))}`; versions of one row share {key}."
        yield ""
    yield from _field_table(model)
    for nested in nested_in(model):
        yield f"**{nested.__name__}**: {doc_of(nested)}"
        yield ""
        yield from _field_table(nested)
    yield "Example:"
    yield "```json"
    yield json.dumps(examples_of(name).passing[0], ensure_ascii=False)
    yield "```"
    yield ""


def _field_table(model: type[BaseModel]) -> Iterator[str]:
    yield "| field | type | unit | bounds or values | required | meaning |"
    yield "|---|---|---|---|---|---|"
    for field in fields_of(model):
        limits = field.limits.replace("|", "\\|")
        required = "yes" if field.required else "no"
        yield f"| `{field.name}` | {field.type} | {field.unit} | {limits} | {required} | {field.doc} |"
    yield ""
