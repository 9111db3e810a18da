"""Settings of an instance and the errors users see. One of the three doors for other packages.

What needs the lake's libraries is loaded when it is first asked for: they take seconds, which
`safehold --help` and a command that never opens the lake should not cost.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from infra.settings.errors import SafeholdError, UserError
from infra.settings.generated import stale_files, write_files
from infra.settings.model import Settings, load_settings
from infra.settings.transport import ALERTS_TOPIC, EVENTS_TOPIC, MAX_RECORD_BYTES, SOURCE_HEADER, bootstrap
from infra.settings.yaml_file import line_of, read_yaml

if TYPE_CHECKING:
    from infra.settings.lake import NAMESPACES, ensure_tables, iceberg_schema, open_catalog, table_name
    from infra.settings.lake_write import append_rows

_LATER = {
    "NAMESPACES": "infra.settings.lake",
    "append_rows": "infra.settings.lake_write",
    "ensure_tables": "infra.settings.lake",
    "iceberg_schema": "infra.settings.lake",
    "open_catalog": "infra.settings.lake",
    "table_name": "infra.settings.lake",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)


__all__ = [
    "ALERTS_TOPIC",
    "EVENTS_TOPIC",
    "MAX_RECORD_BYTES",
    "NAMESPACES",
    "SOURCE_HEADER",
    "SafeholdError",
    "Settings",
    "UserError",
    "append_rows",
    "bootstrap",
    "ensure_tables",
    "iceberg_schema",
    "line_of",
    "load_settings",
    "open_catalog",
    "read_yaml",
    "stale_files",
    "table_name",
    "write_files",
]
