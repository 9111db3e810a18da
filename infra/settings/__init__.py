"""Settings of an instance and the errors users see. One of the three doors for other packages."""

from infra.settings.errors import SafeholdError, UserError
from infra.settings.lake import ensure_tables, iceberg_schema, open_catalog, table_name
from infra.settings.model import Settings, load_settings

__all__ = [
    "SafeholdError",
    "Settings",
    "UserError",
    "ensure_tables",
    "iceberg_schema",
    "load_settings",
    "open_catalog",
    "table_name",
]
