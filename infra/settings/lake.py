"""The Iceberg catalogue of an instance, opened by PyIceberg, and its tables made from the contracts."""

from __future__ import annotations

from contextlib import suppress

import pyarrow as pa
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NamespaceAlreadyExistsError, TableAlreadyExistsError
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.schema import Schema
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DoubleType,
    IcebergType,
    ListType,
    LongType,
    NestedField,
    StringType,
    StructType,
    TimestamptzType,
)

from infra.settings.model import Settings
from ingestion.contracts import DERIVED, REGISTERS, Contract
from ingestion.contracts.schemas import arrow_schema

NAMESPACES = ("bronze", "silver", "register", "audit")


def table_name(model: type[Contract]) -> str:
    """`<namespace>.<name>` of a contract's table in the lake."""
    table = str(getattr(model, "TABLE"))  # noqa: B009 - declared on the two table bases only
    return table if "." in table else f"register.{table}"


def open_catalog(settings: Settings) -> SqlCatalog:
    """Open (and on first use make) the instance's Iceberg catalogue."""
    settings.lake.mkdir(parents=True, exist_ok=True)
    uri = settings.lake_uri or f"sqlite:///{settings.catalog_db}"
    return SqlCatalog(
        "lake",
        uri=uri,
        warehouse=settings.lake_warehouse,
        init_catalog_tables="true" if not settings.catalog_db.exists() else "false",
    )


def _iceberg_type(kind: pa.DataType, ids: list[int]) -> IcebergType:
    if pa.types.is_list(kind):
        ids[0] += 1
        element = ids[0]
        return ListType(element, _iceberg_type(kind.value_type, ids), element_required=False)
    if pa.types.is_struct(kind):
        fields = []
        for field in kind:
            ids[0] += 1
            number = ids[0]
            fields.append(NestedField(number, field.name, _iceberg_type(field.type, ids), required=not field.nullable))
        return StructType(*fields)
    simple: list[tuple[pa.DataType, IcebergType]] = [
        (pa.string(), StringType()),
        (pa.int64(), LongType()),
        (pa.float64(), DoubleType()),
        (pa.bool_(), BooleanType()),
        (pa.binary(), BinaryType()),
        (pa.date32(), DateType()),
        (pa.timestamp("us", tz="UTC"), TimestamptzType()),
    ]
    for arrow, iceberg in simple:
        if kind == arrow:
            return iceberg
    raise TypeError(f"no Iceberg type for {kind}")


def iceberg_schema(model: type[Contract]) -> Schema:
    """Iceberg schema of a contract; ids in the order of its fields, all columns optional.

    Columns are optional in storage so that an engine that cannot promise non-null (Flink's views)
    may append; the contract checks presence before anything is written.
    """
    ids = [0]
    fields = []
    for field in arrow_schema(model):
        ids[0] += 1
        number = ids[0]
        fields.append(NestedField(number, field.name, _iceberg_type(field.type, ids), required=False))
    return Schema(*fields)


def ensure_tables(catalog: SqlCatalog) -> None:
    """Make the namespaces and tables of all contracts that do not exist yet."""
    for namespace in NAMESPACES:
        with suppress(NamespaceAlreadyExistsError):
            catalog.create_namespace(namespace)
    existing = {".".join(name) for ns in NAMESPACES for name in catalog.list_tables(ns)}
    for model in (*REGISTERS.values(), *DERIVED.values()):
        if table_name(model) in existing:
            continue
        with suppress(TableAlreadyExistsError):
            catalog.create_table(
                table_name(model),
                schema=iceberg_schema(model),
                partition_spec=UNPARTITIONED_PARTITION_SPEC,
                properties={"format-version": "2", "write.parquet.compression-codec": "zstd"},
            )
