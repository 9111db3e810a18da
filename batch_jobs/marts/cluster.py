"""dbt on Spark, and what it built handed to the gate: `python -m batch_jobs.marts.cluster <arguments of dbt>`.

dbt-spark's `session` method runs each statement in the Spark session of its own process. That session is opened here,
as for every other Spark job of the instance. dbt's tables are Iceberg tables of the lake; the gate reads a DuckDB file.
So after a build that ended well every model and every source that a model reads is copied into that file.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import duckdb

from batch_jobs.lakehouse.session import spark_session
from batch_jobs.marts.lake_tables import plain_timestamps, read_lake_table
from infra.settings import SafeholdError, Settings, load_settings, open_catalog

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def hand_over(settings: Settings, spark: SparkSession, manifest: dict[str, Any]) -> None:
    """Copy sources, seeds and models of dbt's manifest into the build file, under the names they have in dbt."""
    catalog = open_catalog(settings)
    with duckdb.connect(str(settings.marts_db)) as connection:
        connection.execute("set timezone = 'UTC'")
        for node in [*manifest["sources"].values(), *manifest["nodes"].values()]:
            if node["resource_type"] not in ("source", "model", "seed"):
                continue
            schema, name = node["schema"], node.get("identifier") or node["alias"]
            if node["config"].get("materialized") == "view":  # PyIceberg reads no views
                rows = plain_timestamps(spark.table(f"{schema}.{name}").toArrow())
            else:
                rows = read_lake_table(catalog, f"{schema}.{name}")
            connection.execute(f'create schema if not exists "{schema}"')
            connection.execute(f'create table "{schema}"."{name}" as select * from rows')


def main(arguments: list[str]) -> int:
    """Run dbt with the arguments; returns its exit code."""
    from dbt.cli.main import dbtRunner

    settings = load_settings()
    with spark_session(settings, "marts") as spark:
        result = dbtRunner().invoke(arguments)
        if not result.success:
            return 1
        if "build" in arguments:
            target = arguments[arguments.index("--target-path") + 1]
            with open(f"{target}/manifest.json", encoding="utf-8") as file:
                hand_over(settings, spark, json.load(file))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SafeholdError as error:
        print(error)
        sys.exit(1)
