"""JSON Schema of a contract, for those who post events from other languages."""

from __future__ import annotations

import json
from typing import Any

from ingestion.contracts.base import Contract
from ingestion.contracts.generate.notice import NOTICE
from ingestion.contracts.registry import EVENTS


def json_schema(name: str, model: type[Contract]) -> str:
    """JSON Schema (2020-12) of one contract, with the notice as `$comment` on its first line."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"safehold:{name}"}
    schema |= model.model_json_schema()
    if name in EVENTS:
        # The models fill `type` in, but a record that is posted must state it.
        schema["required"] = [*schema["required"], "type"]
    body = json.dumps(schema, indent=2, ensure_ascii=False).removeprefix("{\n")
    return f'{{ "$comment": "{NOTICE}",\n{body}\n'
