"""The job's graph: topic to bronze, and topic to micro-batches to fold to silver.

The JVM reads the topic and gathers a facility's records of a short processing-time window into one
row, so that Python is called once per facility and window, not once per event. The batches carry
no meaning: the fold's result does not depend on them.
"""

from __future__ import annotations

from pyflink.common import Types
from pyflink.datastream import DataStream, StreamExecutionEnvironment
from pyflink.datastream.data_stream import KeyedStream
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment

from infra.settings import ALERTS_TOPIC, EVENTS_TOPIC, Settings, bootstrap, table_name
from ingestion.contracts import Alert, ReceivedRecord
from ingestion.contracts.schemas import flink_columns
from streaming_jobs.fold.envelope import KEY_SQL, SQL
from streaming_jobs.jobs.operator import FoldFunction
from streaming_jobs.jobs.rows import OUTPUTS, carrier_type

WINDOW = "INTERVAL '0.200' SECOND(1, 3)"
"""Length of a micro-batch: what it adds to an alert's delay at most."""


def _source(settings: Settings) -> str:
    return f"""CREATE TEMPORARY TABLE topic (
      `record_key` BYTES,
      `payload` BYTES,
      `topic_offset` BIGINT METADATA FROM 'offset' VIRTUAL,
      `topic_partition` INT METADATA FROM 'partition' VIRTUAL,
      `at` TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
      `headers` MAP<STRING, BYTES> METADATA VIRTUAL,
      `received_at` AS EXTRACT(EPOCH FROM `at`) * 1000 + EXTRACT(MILLISECOND FROM `at`),
      `read_at` AS PROCTIME()
    ) WITH (
      'connector' = 'kafka',
      'topic' = '{EVENTS_TOPIC}',
      'properties.bootstrap.servers' = '{bootstrap(settings)}',
      'properties.group.id' = 'safehold-stream',
      'scan.startup.mode' = 'earliest-offset',
      'key.format' = 'raw',
      'key.fields' = 'record_key',
      'value.format' = 'raw',
      'value.fields-include' = 'EXCEPT_KEY'
    )"""


def _alerts(settings: Settings) -> str:
    """Alerts leave the job as they are raised; rows in the lake wait for a checkpoint.

    At least once is enough: an alert's id derives from its content, and its readers go by id and step.
    """
    return f"""CREATE TEMPORARY TABLE alerts (
{flink_columns(Alert)}
    ) WITH (
      'connector' = 'kafka',
      'topic' = '{ALERTS_TOPIC}',
      'properties.bootstrap.servers' = '{bootstrap(settings)}',
      'properties.linger.ms' = '0',
      'key.format' = 'raw',
      'key.fields' = 'facility',
      'value.format' = 'json',
      'value.fields-include' = 'ALL',
      'sink.delivery-guarantee' = 'at-least-once'
    )"""


def catalog_sql(settings: Settings) -> str:
    """The lake as Flink's catalogue ``lake``."""
    uri = settings.lake_uri or f"jdbc:sqlite:{settings.catalog_db}"
    return f"""CREATE CATALOG lake WITH (
      'type' = 'iceberg',
      'catalog-impl' = 'org.apache.iceberg.jdbc.JdbcCatalog',
      'uri' = '{uri}',
      'jdbc.schema-version' = 'V1',
      'warehouse' = '{settings.lake_warehouse}'
    )"""


def _into(table: str) -> str:
    return "`lake`." + ".".join(f"`{part}`" for part in table.split("."))


def _bronze() -> str:
    columns = {
        "topic_partition": "CAST(`topic_partition` AS BIGINT)",
        "source": "COALESCE(DECODE(`headers`['source'], 'UTF-8'), '')",
    }
    chosen = ", ".join(columns.get(name, f"`{name}`") for name in ReceivedRecord.model_fields)
    return f"INSERT INTO {_into(table_name(ReceivedRecord))} SELECT {chosen} FROM topic"


def _batches(tables: StreamTableEnvironment) -> KeyedStream:
    tables.execute_sql(
        f"""CREATE TEMPORARY VIEW envelopes AS
        SELECT `topic_partition`, `read_at`, {KEY_SQL} AS `record_key`, {SQL} AS `envelope` FROM topic"""
    )
    batches = tables.sql_query(
        f"""SELECT `record_key` AS f0, ROW(`topic_partition`, ARRAY_AGG(`envelope`)) AS f1
        FROM TABLE(TUMBLE(TABLE envelopes, DESCRIPTOR(`read_at`), {WINDOW}))
        GROUP BY `record_key`, `topic_partition`, window_start, window_end"""
    )
    # PyFlink's own key_by would send every batch through Python once more, only to read its key.
    # These two lines do what it does, in the JVM: the first field of the row is the key.
    key, value = Types.STRING(), Types.ROW([Types.INT(), Types.BASIC_ARRAY(Types.STRING())])
    stream: DataStream = tables.to_append_stream(batches, Types.ROW([key, value]))
    keyed = stream._j_data_stream.keyBy(get_gateway().jvm.KeyByKeySelector(), Types.ROW([key]).get_java_type_info())
    return KeyedStream(keyed, value, stream)


def build(env: StreamExecutionEnvironment, settings: Settings) -> None:
    """Add the whole graph to the environment; ``env.execute_async`` starts it."""
    tables = StreamTableEnvironment.create(env)
    tables.execute_sql(catalog_sql(settings))
    tables.execute_sql(_source(settings))
    tables.execute_sql(_alerts(settings))
    fold = FoldFunction(
        settings.rules, settings.allowed_lateness_ms, settings.ahead_tolerance_ms, settings.feature_table
    )
    folded = _batches(tables).process(fold, carrier_type()).name("fold").uid("fold")
    tables.create_temporary_view("folded", tables.from_data_stream(folded))
    inserts = tables.create_statement_set()
    inserts.add_insert_sql(_bronze())
    for name, model in OUTPUTS.items():
        columns = ", ".join(f"folded.`{name}`.`{column}`" for column in model.model_fields)
        inserts.add_insert_sql(
            f"INSERT INTO {_into(table_name(model))} SELECT {columns} FROM folded WHERE `{name}` IS NOT NULL"
        )
    columns = ", ".join(f"folded.`alert`.`{column}`" for column in Alert.model_fields)
    inserts.add_insert_sql(f"INSERT INTO alerts SELECT {columns} FROM folded WHERE `alert` IS NOT NULL")
    inserts.attach_as_datastream()
