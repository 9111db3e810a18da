"""Spark Structured Streaming: applyInPandasWithState a facility, micro-batches from Kafka, appended to Iceberg.

Spark hands a facility's events of a micro-batch over in Arrow, so this is per event in its logic only.
The state is one pickled value, read and written once a facility and micro-batch.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.state import GroupState, GroupStateTimeout

from batch_jobs.lakehouse.session import spark_settings
from infra.settings import EVENTS_TOPIC, bootstrap, load_settings
from tests.bench.stream.contenders.rows import ALERTS, FEATURES
from tests.bench.stream.contenders.rules import the_rules
from tests.bench.stream.ruleset import Alert, Facility, RuleSet

COLUMNS = ["facility", "rule", "entity", "onset", "raised_at", "ended", "body"]
OUTPUT = "facility string, rule string, entity string, onset long, raised_at long, ended long, body binary"
PER_BATCH = int(os.environ.get("SAFEHOLD_BENCH_BATCH", "15000"))
"""Events a micro-batch at most: a few seconds' work, as a trigger of some seconds would give under load."""

_RULES: RuleSet | None = None


def decide(key: tuple[Any, ...], frames: Iterator[pd.DataFrame], state: GroupState) -> Iterator[pd.DataFrame]:
    global _RULES
    if _RULES is None:
        _RULES = the_rules()
    name = key[0]
    facility: Facility = pickle.loads(state.get[0]) if state.exists else Facility()
    rows: list[tuple[Any, ...]] = []
    for frame in frames:
        for value in frame["value"]:
            for one in _RULES.on_event(facility, orjson.loads(value)):
                if isinstance(one, Alert):
                    rows.append((name, one.rule, one.entity, one.onset, one.at, one.ended, None))
                else:
                    rows.append((name, None, None, None, one.at, None, one.body))
    state.update((pickle.dumps(facility, 5),))
    if rows:
        found = pd.DataFrame(rows, columns=COLUMNS)
        yield found.astype(dict.fromkeys(("onset", "raised_at", "ended"), "Int64"))


def main() -> None:
    settings = load_settings()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    own = spark_settings(settings)
    chosen = own | {
        "spark.jars": ",".join([own["spark.jars"], sys.argv[1]]),
        "spark.driver.memory": "2g",
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.streaming.checkpointLocation": str(settings.home / "spark"),
    }
    builder = SparkSession.builder.master("local[2]").appName("per-event")
    for name, value in chosen.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    topic = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", bootstrap(settings))
        .option("subscribe", EVENTS_TOPIC)
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", PER_BATCH)
        .load()
        .selectExpr("CAST(key AS STRING) AS facility", "value")
    )
    decided = topic.groupBy("facility").applyInPandasWithState(
        decide, OUTPUT, "saved binary", "append", GroupStateTimeout.NoTimeout
    )

    def write(batch: DataFrame, number: int) -> None:
        batch.persist()
        batch.where("rule IS NOT NULL").drop("body").writeTo(f"lake.{ALERTS}").append()
        batch.where("body IS NOT NULL").selectExpr("facility", "raised_at AS at", "body").writeTo(
            f"lake.{FEATURES}"
        ).append()
        batch.unpersist()

    decided.writeStream.foreachBatch(write).trigger(availableNow=True).start().awaitTermination()
    spark.stop()


if __name__ == "__main__":
    main()
