"""The stream job on a real broker and lake: it gives what the pure fold gives, killed or not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.observation.observe import Observer
from infra.settings import Settings, open_catalog
from infra.settings.running import JOB_JVM, read_run
from ingestion.contracts import Event
from ingestion.landing import land
from ingestion.sources.record import Record, record_of
from streaming_jobs.fold.envelope import Received
from streaming_jobs.fold.facility import FacilityFold, Outputs
from streaming_jobs.jobs.progress import Watch
from tests.support.instance import broker_instance, instance  # noqa: F401
from tests.support.scene import FACILITY, T0, add, config, quiet, site_plan
from tests.unit.test_fold import a_day_with_everything

pytestmark = pytest.mark.jvm

OTHER = "330102"
PATIENCE_S = 240


def of_another_facility(events: list[Event]) -> list[Event]:
    return [event.model_copy(update={"facility": OTHER}) for event in events]


def the_records() -> list[Record]:
    """Two facilities, some rubbish between, long enough to be cut in pieces."""
    day = a_day_with_everything()[:-1]
    night = [e for hour in range(4) for e in quiet(T0 + 200_000 + hour * 600_000, 600)]
    good = [record_of(e) for e in (*day, *night)]
    other = [record_of(e) for e in of_another_facility([*day, *night])]
    rubbish = [Record(FACILITY.encode(), b"{not json"), Record(None, b"{}"), Record(b"\xff\xfe", b"\xff"), good[-1]]
    mixed = [record for pair in zip(good, other, strict=True) for record in pair]
    return [*mixed[: len(mixed) // 2], *rubbish, *mixed[len(mixed) // 2 :]]


def what_the_fold_gives(settings: Settings) -> Outputs:
    """The pure fold over the records as they lie in the topic's bronze copy."""
    bronze = open_catalog(settings).load_table("bronze.received").scan().to_arrow().to_pylist()
    total = Outputs()
    for key in {row["record_key"] for row in bronze}:
        fold = FacilityFold(key, config(settings.allowed_lateness_ms))
        for partition in {row["topic_partition"] for row in bronze}:
            mine = [r for r in bronze if r["record_key"] == key and r["topic_partition"] == partition]
            mine.sort(key=lambda r: r["topic_offset"])
            records = [Received(r["topic_offset"], r["received_at"], r["source"], r["payload"]) for r in mine]
            out = fold.process(partition, records)
            add(total, out)
    return total


def rows_of(settings: Settings, table: str) -> list[dict[str, Any]]:
    return open_catalog(settings).load_table(table).scan().to_arrow().to_pylist()


def as_set(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)


@contextmanager
def the_job(settings: Settings, log: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "SAFEHOLD_HOME": str(settings.home), "SAFEHOLD_CHECKPOINT_INTERVAL_MS": "500"}
    with log.open("ab") as out:
        command = [sys.executable, "-m", "infra.cli", "run", *options]
        job = subprocess.Popen(command, env=environment, stdout=out, stderr=out, start_new_session=True)
    try:
        yield job
    finally:
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
        job.wait()


def wait_until(condition: Callable[[], bool], job: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert job.poll() is None, f"the job ended by itself:\n{log.read_text()[-3000:]}"
        assert time.monotonic() < end, f"waited {PATIENCE_S} s in vain:\n{log.read_text()[-3000:]}"
        time.sleep(0.1)


def test_a_job_that_is_killed_again_and_again_ends_with_the_rows_of_an_undisturbed_run(
    broker_instance: Settings,  # noqa: F811
    tmp_path: Path,
) -> None:
    settings, log = broker_instance, tmp_path / "job.log"
    records = the_records()
    fifth = len(records) // 5
    watch = Watch(settings)

    def folded_more_than(count: int) -> Callable[[], bool]:
        return lambda: watch().folded > count

    land(settings, "test", records[:fifth])
    with the_job(settings, log) as job:
        wait_until(folded_more_than(0), job, log)
        land(settings, "test", records[fifth : 2 * fifth])
        os.killpg(job.pid, signal.SIGKILL)  # the command, its JVM and its workers, with records on their way

    land(settings, "test", records[2 * fifth : 3 * fifth])
    with the_job(settings, log) as job:
        wait_until(folded_more_than(fifth), job, log)
        jvm = read_run(settings, JOB_JVM)
        assert jvm is not None
        land(settings, "test", records[3 * fifth : 4 * fifth])
        os.kill(jvm.pid, signal.SIGKILL)  # the JVM alone: the command must end and say so
        assert job.wait(timeout=PATIENCE_S) == 1

    with the_job(settings, log) as job:
        wait_until(folded_more_than(2 * fifth), job, log)
        os.kill(job.pid, signal.SIGKILL)  # the command alone: its JVM must not write beside the next one

    land(settings, "test", records[4 * fifth :])
    with the_job(settings, log, "--until-drained") as job:
        assert job.wait(timeout=PATIENCE_S) == 0, log.read_text()[-3000:]
    watch.close()

    expected = what_the_fold_gives(settings)
    assert {a["rule"] for a in expected.alert} >= {"int-01", "cel-01", "cel-02", "cel-06", "cel-12", "hlt-03", "dev-01"}
    for name in ("alert", "risk", "custody_code", "quarantine", "rule_status"):
        assert as_set(rows_of(settings, f"silver.{name}")) == as_set(getattr(expected, name)), name
    bronze = rows_of(settings, "bronze.received")
    places = {(r["topic_partition"], r["topic_offset"]) for r in bronze}
    assert len(places) == len(bronze) == len(records)
    ledger = rows_of(settings, "silver.ledger")
    for measure in ("records", "accepted", "quarantined", "late", "observations"):
        assert sum(r[measure] for r in ledger) == sum(r[measure] for r in expected.ledger), measure
    assert sum(r["records"] for r in ledger) == len(records)


@pytest.fixture
def fresh_broker(tmp_path: Path) -> Iterator[Settings]:
    """A broker with nothing on it, as a look at the job counts all there is."""
    with instance(tmp_path / "home", ("broker",)) as settings:
        yield settings


def test_a_second_job_is_refused_and_a_look_sees_how_the_first_one_is(
    fresh_broker: Settings,
    tmp_path: Path,
) -> None:
    landed = [record_of(site_plan()), *map(record_of, quiet(T0, 60))]
    land(fresh_broker, "test", landed)
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    observer, watch = Observer(fresh_broker), Watch(fresh_broker)
    before = observer.job(0)
    assert (before.state, before.records_behind) == ("not_running", len(landed))
    with the_job(fresh_broker, first) as job:
        wait_until(lambda: read_run(fresh_broker, JOB_JVM) is not None, job, first)
        with the_job(fresh_broker, second) as other:
            assert other.wait(timeout=60) == 2
        assert "running already" in second.read_text()

        wait_until(lambda: watch().drained, job, first)
        seen = observer.job(1)
        assert (seen.state, seen.fault, seen.restarts, seen.records_behind) == ("running", "", 0, 0)
        assert seen.records_posted == watch().posted
        checkpoints = list((fresh_broker.flink / "checkpoints").glob("*/chk-*/_metadata"))
        assert checkpoints
        assert seen.checkpoints_completed
        assert seen.checkpoint_bytes
        assert seen.checkpoint_at is not None
        assert abs(seen.checkpoint_at / 1000 - max(path.stat().st_mtime for path in checkpoints)) < PATIENCE_S

        jvm = read_run(fresh_broker, JOB_JVM)
        assert jvm is not None
        os.kill(jvm.pid, signal.SIGSTOP)  # it lives, and answers nothing
        stuck = observer.job(2)
        os.kill(jvm.pid, signal.SIGCONT)
        assert (stuck.state, stuck.checkpoint_at, stuck.records_behind) == ("unreachable", None, 0)
        assert stuck.fault.startswith("job: ")
        job.send_signal(signal.SIGTERM)
        job.wait(timeout=PATIENCE_S)
    watch.close()

    later = list(map(record_of, quiet(T0 + 60_000, 30)))
    land(fresh_broker, "test", [*later, Record(FACILITY.encode(), b"{not json"), Record(b"nobody", b"{}")])
    after = observer.job(3)
    observer.close()
    assert (after.state, after.restarts, after.records_behind) == ("not_running", None, len(later) + 2)
    clocks = {row["at"]: row for row in rows_of(fresh_broker, "silver.facility_clock")}
    assert {row["facility"] for row in clocks.values()} == {FACILITY}
    assert [clocks[at]["newest_event"] - clocks[at]["clock"] for at in (1, 2, 3)] == [0, 0, 30_000]
