"""A rule changed in the running job without a restart, and a backtest that equals what the stream raised."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from batch_jobs.backtest.job import backtest
from batch_jobs.lakehouse.session import spark_session
from infra.settings import Settings
from ingestion.contracts import AuditEntry, Event
from ingestion.landing import land
from ingestion.sources.record import record_of
from ingestion.sources.simulator import Scenario, live
from streaming_jobs.catalogue import RULES_DIR
from streaming_jobs.export import read_alerts
from streaming_jobs.jobs.progress import Watch
from streaming_jobs.kernel.backtest import alerts_on
from tests.e2e.test_stream_job import PATIENCE_S, rows_of, the_job, wait_until
from tests.support.commands import must, safehold
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.rules import CATALOGUE
from tests.support.scene import T0, end, frame, in_order, quiet, seen, site_plan

pytestmark = pytest.mark.jvm

S = 1000
FACILITY = "990001"  # none of the simulator's
SIMULATED = Scenario(live_facilities=1, live_seconds=600, detainees=30, fps=1)


def lying(begin: int, seconds: int) -> list[Event]:
    return [frame(begin + s * S, seen("x", 5, 5, role="detainee", posture="lying")) for s in range(seconds)]


def quicker(folder: Path, version: int = 2, hold: int = 10) -> Path:
    """cel-06 with another hold, and its cases: as an engineer would write them."""
    data = yaml.safe_load((RULES_DIR / "cell" / "cel-06.yaml").read_text("utf-8"))
    data["version"] = version
    data["parameters"]["hold_s"][0]["value"] = hold
    series = {"subject.lying": "1x30 0x10", "subject.on_bed": "0"}
    expected = [{"onset": 0, "raised": 10, "cleared": 30}]
    cases = [{"name": "fires", "start": "2026-03-02T14:00:00+08:00", "series": series, "expect": expected}]
    folder.mkdir(exist_ok=True)
    path = folder / "cel-06.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    (folder / "cel-06.cases.yaml").write_text(yaml.safe_dump({"rule": "cel-06", "cases": cases}), "utf-8")
    return path


def alerts(settings: Settings, rule: str = "cel-06") -> list[tuple[int, str, int, int | None]]:
    """(version, mode, raised s, cleared s) at the scene's facility, seconds after T0."""
    return [
        (a["rule_version"], a["mode"], (a["raised_at"] - T0) // S, a["cleared"] and (a["cleared"] - T0) // S)
        for a in read_alerts(settings, rule)
        if a["facility"] == FACILITY
    ]


def test_a_rule_is_deployed_switched_and_backtested_beside_a_running_job(
    broker_instance: Settings,  # noqa: F811
    tmp_path: Path,
) -> None:
    settings, log, home = broker_instance, tmp_path / "job.log", broker_instance.home
    by = ("--by", "e-17", "--why", "the floor of A1 is hard")
    assert "no facility is known" in safehold(home, "rules", "disable", "cel-06", *by).err

    simulated = list(live(SIMULATED))
    facility = simulated[0].key.decode() if simulated[0].key else ""
    land(settings, "simulator", simulated)
    watch = Watch(settings)

    def post_and_fold(*events: Event) -> None:
        here = (event.model_copy(update={"facility": FACILITY}) for event in in_order(events))
        land(settings, "test", map(record_of, here))
        wait_until(folded(watch), job, log)

    with the_job(settings, log) as job:
        post_and_fold(site_plan(), *quiet(T0, 100), *lying(T0 + 20 * S, 50))
        wait_until(lambda: alerts(settings) == [(1, "active", 50, 72)], job, log)

        path = quicker(tmp_path / "shadow")
        ran = must(home, "rules", "deploy", path, *by, "--facility", FACILITY)
        assert f"{FACILITY}: v1 active, v2 shadow" in ran.out
        again = safehold(home, "rules", "deploy", path, *by)
        assert again.code == 2
        assert "has this very rule already, shadow" in again.err
        post_and_fold(*quiet(T0 + 100 * S, 100), *lying(T0 + 120 * S, 50))
        both = [(2, "shadow", 130, 172), (1, "active", 150, 172)]
        wait_until(lambda: alerts(settings)[1:] == both, job, log)

        ran = must(home, "rules", "activate", "cel-06", *by)
        assert f"{FACILITY}: v1 retired, v2 active" in ran.out
        assert f"{facility}: v1 active" in ran.out
        # Later than the cooldown of the first version, which goes on: it is the same rule.
        post_and_fold(*quiet(T0 + 200 * S, 150), *lying(T0 + 250 * S, 50), end(T0 + 350 * S))
        wait_until(lambda: alerts(settings)[3:] == [(2, "active", 260, 302)], job, log)

        wrong = quicker(tmp_path / "wrong", version=3, hold=20)
        refused = safehold(home, "rules", "deploy", wrong, *by)
        assert refused.code == 2
        assert "1 of its cases fail" in refused.err
        assert log.read_text().count("posted") > 0
        job.send_signal(signal.SIGTERM)
        assert job.wait(timeout=PATIENCE_S) == 0
    watch.close()

    ran = must(home, "rules", "disable", "cel-06", *by, "--facility", FACILITY)
    assert "the stream job is not running: the change takes effect when it runs" in ran.out
    audit = rows_of(settings, "audit.log")
    assert {(row["who"], row["what"]) for row in audit} == {
        ("e-17", "rule deploy shadow"),
        ("e-17", "rule activate"),
        ("e-17", "rule disable"),
    }
    for row in audit:
        AuditEntry.model_validate(row)

    shown = must(home, "rules", "status").out
    line = next(text.split() for text in shown.splitlines() if text.startswith("cel-06") and " 2 " in text)
    assert line[:4] == ["cel-06", "2", "active", "1"]

    shown = must(home, "rules", "cost", "--facility", FACILITY, "--seconds", "50").out
    assert "on the last 50 recorded seconds" in shown
    kept = {(row["rule"], row["rule_version"]): row for row in rows_of(settings, "silver.rule_cost")}
    line = next(text.split() for text in shown.splitlines() if text.startswith("cel-06"))
    assert line[:3] == ["cel-06", "2", "active"]
    assert line[3] == f"{kept['cel-06', 2]['cost_us']:.1f}"
    assert all(row["cost_us"] < row["together_us"] for row in kept.values())

    # The command, from a file, beside the version in force: what the first version would have raised.
    out = tmp_path / "compared.jsonl"
    told = must(
        home, "rules", "backtest", RULES_DIR / "cell" / "cel-06.yaml", "--facility", FACILITY, "--out", out,
        "--from", "2026-03-02T12:00:00+08:00", "--to", "2026-03-02T12:06:00+08:00",
    ).out  # fmt: skip
    assert f"{FACILITY}: 350 s; beside v2 in force: 0 added, 0 removed, 3 unchanged" in told
    written = [json.loads(text) for text in out.read_text("utf-8").splitlines()]
    times = [[(a[name] - T0) // S for name in ("onset", "raised_at", "in_force_raised_at")] for a in written]
    assert {(a["compared"], a["rule_version"]) for a in written} == {("unchanged", 1)}
    assert times == [[20, 50, 30], [120, 150, 137], [250, 280, 260]]
    assert "raised 20 s later" in told

    # All rules over the simulated stretch: Spark gives the alerts of the stream, ids and times.
    with spark_session(settings, "test") as spark:
        [compared] = backtest(
            spark,
            partial(alerts_on, [[], list(CATALOGUE)]),
            from_ms=SIMULATED.start_ms,
            to_ms=SIMULATED.end_ms + 60_000,
            facilities=[facility],
        )
    streamed = {a["alert_id"]: a for a in read_alerts(settings) if a["facility"] == facility}
    assert len(streamed) > 3
    assert {a["alert_id"]: a for a in compared.added} == {
        key: {name: alert[name] for name in compared.added[0]} for key, alert in streamed.items()
    }


def folded(watch: Watch) -> Callable[[], bool]:
    """Whether everything posted so far is in the lake."""

    def all_of_it() -> bool:
        now: Any = watch()
        return bool(now.drained)

    return all_of_it
