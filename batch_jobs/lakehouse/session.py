"""A Spark session on the instance's lake. It takes about ten seconds to start: use one for several jobs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from infra.settings import SafeholdError, Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CATALOG = "lake"


def jdbc_catalog(settings: Settings) -> dict[str, str]:
    """Iceberg's JDBC catalogue properties for the catalogue that PyIceberg opens by SQLAlchemy's URI.

    Raises:
        SafeholdError: the catalogue lies in a database without a JDBC form here.
    """
    if not settings.lake_uri:
        return {"uri": f"jdbc:sqlite:{settings.catalog_db}"}
    parts = urlsplit(settings.lake_uri)
    scheme = parts.scheme.split("+")[0]
    if scheme == "sqlite":
        return {"uri": f"jdbc:sqlite:{parts.path.removeprefix('/')}"}
    if scheme in ("postgresql", "postgres"):
        port = f":{parts.port}" if parts.port else ""
        found = {
            "uri": f"jdbc:postgresql://{parts.hostname}{port}{parts.path}",
            "jdbc.user": parts.username,
            "jdbc.password": parts.password,
        }
        return {key: value for key, value in found.items() if value}
    raise SafeholdError(
        f"no JDBC form of a catalogue in {scheme!r}", where="SAFEHOLD_LAKE_URI", do="use sqlite or postgresql"
    )


def spark_settings(settings: Settings) -> dict[str, str]:
    """Spark configuration with the lake as its default catalogue, times in UTC."""
    jars = sorted((settings.jars / "spark").glob("*.jar"))
    if not jars:
        raise SafeholdError(
            "the jars for Spark are not there", where=str(settings.jars / "spark"), do="run `make setup`"
        )
    prefix = f"spark.sql.catalog.{CATALOG}"
    catalog = {f"{prefix}.{key}": value for key, value in jdbc_catalog(settings).items()}
    return {
        "spark.jars": ",".join(map(str, jars)),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        "spark.sql.defaultCatalog": CATALOG,
        prefix: "org.apache.iceberg.spark.SparkCatalog",
        f"{prefix}.catalog-impl": "org.apache.iceberg.jdbc.JdbcCatalog",
        f"{prefix}.jdbc.schema-version": "V1",
        f"{prefix}.warehouse": settings.lake_warehouse,
        # Others commit to the lake too: a table that Spark remembers would be read as it was.
        f"{prefix}.cache-enabled": "false",
        **catalog,
        "spark.sql.session.timeZone": "UTC",
        # Bytes that are no UTF-8 become the replacement character, as in the stream job, instead of an error.
        "spark.sql.legacy.codingErrorAction": "true",
        "spark.sql.shuffle.partitions": "4",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.local.dir": str(settings.home / "spark"),
        "spark.sql.warehouse.dir": str(settings.home / "spark" / "warehouse"),
        "spark.log.level": "ERROR",
    }


@contextmanager
def spark_session(settings: Settings, name: str) -> Iterator[SparkSession]:
    """A local session, stopped at the end; what the JVM says goes to the instance's logs.

    Raises:
        SafeholdError: the jars are not there, or Spark did not start.
    """
    from pyspark.sql import SparkSession

    for folder in (settings.logs, settings.home / "spark"):
        folder.mkdir(parents=True, exist_ok=True)
    log4j = settings.home / "spark" / "log4j2.properties"
    log4j.write_text(
        "rootLogger.level = warn\nrootLogger.appenderRef.file.ref = file\n"
        "appender.file.type = File\nappender.file.name = file\n"
        f"appender.file.fileName = {settings.logs / 'spark.log'}\n"
        "appender.file.layout.type = PatternLayout\n"
        "appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex\n",
        encoding="utf-8",
    )
    # The JVM's own warnings at its start come before any log configuration: they go to the log with its stderr.
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable  # workers with this environment's packages
    builder = SparkSession.builder.appName(name).master("local[2]")
    for key, value in spark_settings(settings).items():
        builder = builder.config(key, value)
    builder = builder.config("spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile=file:{log4j}")
    with _stderr_to(settings.logs / "spark-jvm.log"):
        try:
            session = builder.getOrCreate()
        except Exception as error:
            raise SafeholdError(
                f"Spark did not start: {str(error).splitlines()[0]}",
                where=str(settings.logs / "spark-jvm.log"),
                do="see that file; Java 17 must be on the path",
            ) from error
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def _stderr_to(path: os.PathLike[str]) -> Iterator[None]:
    """Let child processes started inside inherit a stderr that goes to a file."""
    saved = os.dup(2)
    with open(path, "ab") as out:
        os.dup2(out.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
