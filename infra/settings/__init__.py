"""Settings of an instance and the errors users see. One of the three doors for other packages."""

from infra.settings.errors import SafeholdError, UserError
from infra.settings.lake import ensure_tables, iceberg_schema, open_catalog, table_name
from infra.settings.lake_write import append_rows
from infra.settings.model import Settings, load_settings
from infra.settings.transport import EVENTS_TOPIC, MAX_RECORD_BYTES, SOURCE_HEADER, bootstrap
from infra.settings.yaml_file import line_of, read_yaml

__all__ = [
    "EVENTS_TOPIC",
    "MAX_RECORD_BYTES",
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
    "table_name",
]
