"""dbt on Spark, and what it built handed to the gate: `python -m batch_jobs.marts.cluster <arguments of dbt>`.

dbt-spark's `session` method runs each statement in the Spark session of its own process. That session is opened here,
as for every other Spark job of the instance. dbt's tables are Iceberg tables of the lake; the gate reads a DuckDB file.
So after a build that ended well every model, and every source that a model reads, is copied into that file.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from batch_jobs.lakehouse.session import spark_session
from batch_jobs.marts.lake_tables import plain_timestamps, rows_at
from batch_jobs.marts.sources import INCREMENTAL, NEW_ROWS, connect, holds, load_reading, put
from infra.settings import SafeholdError, Settings, load_settings, open_catalog

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def show_new_rows(settings: Settings, spark: SparkSession) -> None:
    """Make the rows that came since the build before known to Spark, if this build is incremental."""
    with connect(settings) as connection:
        for name in (table.split(".")[1] for table in INCREMENTAL):
            if holds(connection, f"{NEW_ROWS}.{name}"):
                rows = connection.execute(f"select * from {NEW_ROWS}.{name}").to_arrow_table()
                spark.createDataFrame(rows).createOrReplaceTempView(f"{NEW_ROWS}_{name}")


def hand_over(settings: Settings, spark: SparkSession, manifest: dict[str, Any]) -> None:
    """Copy sources, seeds and models of dbt's manifest into the build file, under the names they have in dbt."""
    catalog, sources = open_catalog(settings), load_reading(settings)
    used = {source for node in manifest["nodes"].values() for source in node["depends_on"].get("nodes", [])}
    with connect(settings) as connection:
        for source in manifest["sources"].values():
            name = f"{source['schema']}.{source['identifier']}"
            if source["unique_id"] in used and not holds(connection, name):
                put(connection, name, rows_at(catalog, name, sources[name]))
        for node in manifest["nodes"].values():
            if node["resource_type"] not in ("model", "seed"):
                continue
            name = f"{node['schema']}.{node['alias']}"
            if node["config"]["materialized"] == "view":  # PyIceberg reads no views
                put(connection, name, plain_timestamps(spark.table(name).toArrow()))
            else:
                snapshot = catalog.load_table(name).current_snapshot()
                put(connection, name, rows_at(catalog, name, snapshot.snapshot_id if snapshot else None))


def main(arguments: list[str]) -> int:
    """Run dbt with the arguments; returns its exit code."""
    from dbt.cli.main import dbtRunner

    if "build" not in arguments:
        return 0 if dbtRunner().invoke(arguments).success else 1
    settings = load_settings()
    with spark_session(settings, "marts") as spark:
        show_new_rows(settings, spark)
        if not dbtRunner().invoke(arguments).success:
            return 1
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
