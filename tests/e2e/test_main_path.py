"""One instance from sources to published figures: simulated, spoiled and real input in one stream."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from infra.demo.summary import bad_input, event_counts
from infra.settings import Settings, open_catalog
from ingestion.landing import land
from ingestion.sources import simulator
from ingestion.sources.simulator import Injected, Scenario
from streaming_jobs.catalogue import load_catalogue
from streaming_jobs.evaluation import evaluate
from streaming_jobs.export import read_alerts
from tests.support.commands import must, safehold
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.realdata import realdata, realdata_or_none

pytestmark = pytest.mark.jvm

FIRST_EIGHT = ("cel-01", "cel-02", "cel-06", "cel-12", "dev-01", "hlt-03", "int-01", "stf-01")
SCENARIO = Scenario(seed=11, months=14, live_seconds=3000)


@dataclass(frozen=True)
class Finished:
    """The instance after everything ran."""

    settings: Settings
    injected: list[Injected]

    def rows(self, table: str) -> list[dict[str, Any]]:
        return open_catalog(self.settings).load_table(table).scan().to_arrow().to_pylist()

    def exported(self, folder: Path, *options: str) -> list[dict[str, Any]]:
        out = folder / "alerts.jsonl"
        must(self.settings.home, "alerts", "export", *options, "--out", out)
        return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def ran(broker_instance: Settings, tmp_path_factory: pytest.TempPathFactory) -> Finished:  # noqa: F811
    """Everything a user would do, once: simulate, spoil, replay real files, run the job until drained."""
    settings, folder = broker_instance, tmp_path_factory.mktemp("files")
    simulator.write_registers(settings, SCENARIO)
    records = simulator.corrupt(simulator.live(SCENARIO), SCENARIO.seed, each=2)
    land(settings, "simulator", records)
    scene = folder / "scene.mp4"
    simulator.render_scene(scene, seconds=24, fps=10, people=3, dark=(8, 12), frozen=(16, 20))
    must(settings.home, "replay", "video", scene, "--camera", "drawn")
    if realdata_or_none() is not None:
        must(settings.home, "replay", "caviar", "--tracks", realdata("events/caviar/tracks.csv"))
        must(settings.home, "replay", "mot", realdata("video/tud_campus/gt.txt"), "--fps", "25")
        film = realdata("video/tud_campus/TUD-Campus.mp4")
        must(settings.home, "replay", "video", film, "--camera", "campus", "--facility", "990105")
    must(settings.home, "run", "--until-drained")
    return Finished(settings, records.injected)


def test_every_record_offered_is_accounted_for_per_source(ran: Finished) -> None:
    counts = event_counts(ran.settings)
    assert {"video", "wristband", "patrol", "interrogation", "access"} <= {c["source"] for c in counts}
    for count in counts:
        assert count["balanced"], count


def test_each_kind_of_bad_record_is_in_quarantine_with_its_reason_and_nothing_else_is(ran: Finished) -> None:
    assert len({one.kind for one in ran.injected}) >= 12
    for row in bad_input(ran.settings, ran.injected):
        assert row["injected"] == row["quarantined"], row


def test_a_quarantined_record_keeps_its_bytes_whole(ran: Finished) -> None:
    rows = ran.rows("silver.quarantine")
    large = [row for row in rows if row["reason"] == "too_large"]
    assert large
    for row in large:
        blob = ran.settings.blobs / row["blob"]
        assert blob.stat().st_size == row["raw_size"] > len(row["raw"])
    for row in rows:
        assert row["detail"]
        assert row["raw_size"] == len(row["raw"]) or row["blob"]


def test_the_first_eight_rules_find_every_incident_of_the_simulator_and_nothing_else(ran: Finished) -> None:
    truth = simulator.truth(SCENARIO)
    live = {t.facility for t in truth}
    alerts = [a for a in read_alerts(ran.settings) if a["facility"] in live]
    for score in evaluate(alerts, truth, FIRST_EIGHT):
        assert score.incidents > 0, score
        assert (score.recall, score.precision) == (1.0, 1.0), score


def test_nearly_every_incident_of_all_kinds_is_found(ran: Finished) -> None:
    truth = simulator.truth(SCENARIO)
    live = {t.facility for t in truth}
    alerts = [a for a in read_alerts(ran.settings) if a["facility"] in live]
    scores = evaluate(alerts, truth, [rule.id for rule in load_catalogue()])
    staged, found = sum(s.incidents for s in scores), sum(s.found for s in scores)
    assert len([s for s in scores if s.incidents]) >= 40
    assert found >= 0.9 * staged, [s for s in scores if s.found < s.incidents]


def test_alerts_are_exported_with_their_explanation_and_by_rule(ran: Finished, tmp_path: Path) -> None:
    alerts = ran.exported(tmp_path)
    assert len({a["id"] for a in alerts}) == len(alerts) > 8
    only = ran.exported(tmp_path, "--rule", "int-01")
    assert {a["rule"] for a in only} == {"int-01"}
    for alert in only:
        assert alert["explanation"]["conditions"]
        assert alert["explanation"]["title"]["zh"] == "单人提审"


def test_every_detainee_has_a_risk_level_that_explains_itself_and_expires(ran: Finished) -> None:
    risks = ran.rows("silver.risk")
    assert {r["level"] for r in risks} >= {"low", "elevated"}
    kinds = set()
    for row in risks:
        parts = json.loads(row["contributions"])
        kinds |= {part["kind"] for part in parts}
        assert row["score"] == pytest.approx(sum(part["points"] for part in parts), abs=0.01)
        assert row["expires"] > row["at"]
    assert kinds >= {"fact", "number", "happening", "unknown"}


def test_a_drawn_film_gives_people_and_tells_when_it_was_dark_and_frozen(ran: Finished) -> None:
    bronze = [json.loads(r["payload"]) for r in ran.rows("bronze.received") if r["source"] == "replay-video"]
    drawn = [e for e in bronze if e["device"] == "drawn"]
    states = [e["state"] for e in drawn if e["type"] == "device"]
    assert "dark" in states
    assert "frozen" in states
    assert states[-1] == "ok"
    assert any(e["type"] == "video" and e["detections"] for e in drawn)


def test_the_published_fighting_intervals_of_caviar_are_found_pair_and_time(ran: Finished, tmp_path: Path) -> None:
    with realdata("events/caviar/fighting_intervals.csv").open(encoding="utf-8") as file:
        published = list(csv.DictReader(file))
    fights = [a for a in ran.exported(tmp_path, "--rule", "cel-01") if a["facility"] == "990101"]
    begin = min(
        json.loads(r["payload"])["event_time"] for r in ran.rows("bronze.received") if r["record_key"] == b"990101"
    )

    def pair(alert: dict[str, Any]) -> set[str]:
        return {subject.removeprefix("caviar/").split(".")[0] for subject in alert["subjects"]}

    def meets(alert: dict[str, Any], row: dict[str, str]) -> bool:
        onset, cleared = alert["onset"] - begin, alert["cleared"] - begin
        return pair(alert) == {row["p1"], row["p2"]} and onset <= int(row["end_ms"]) and cleared >= int(row["start_ms"])

    for row in published:
        assert any(meets(alert, row) for alert in fights), row
    for alert in fights:
        assert any(meets(alert, row) for row in published), alert
        edges = [int(row[side]) for row in published if meets(alert, row) for side in ("start_ms", "end_ms")]
        # Features are of whole seconds, so an interval's edges may be off by one.
        assert abs(alert["onset"] - begin - min(edges)) <= 1000
        assert abs(alert["cleared"] - begin - max(edges)) <= 1000


def test_walking_people_of_a_real_sequence_raise_no_running_alert(ran: Finished, tmp_path: Path) -> None:
    realdata("video/tud_campus/gt.txt")
    alerts = [a for a in ran.exported(tmp_path) if a["facility"] in ("990102", "990105")]
    assert not [a for a in alerts if a["rule"] == "cel-02"]
    seen = [json.loads(r["payload"]) for r in ran.rows("bronze.received") if r["record_key"] == b"990102"]
    rows = sum(1 for line in realdata("video/tud_campus/gt.txt").read_text().splitlines() if line.strip())
    assert sum(len(e.get("detections", ())) for e in seen) == rows


def test_the_batch_reconciliation_agrees_and_the_marts_pass_the_gate(ran: Finished) -> None:
    assert "all counts agree" in must(ran.settings.home, "lake", "maintain").out
    must(ran.settings.home, "marts", "build")
    must(ran.settings.home, "marts", "publish")
    with duckdb.connect(str(ran.settings.published_db), read_only=True) as marts:
        (unbalanced,) = (
            marts.execute("select count(*) from publication.count_reconciliation where not balanced").fetchone() or ()
        )
        (alerts,) = marts.execute("select count(*) from publication.alerts").fetchone() or ()
        (tiers,) = marts.execute("select count(distinct tier) from publication.population").fetchone() or ()
    assert (unbalanced, tiers) == (0, 4)
    assert alerts == len({a["alert_id"] for a in ran.rows("silver.alert")})


def test_a_users_fault_ends_with_2_and_says_what_where_and_what_to_do(ran: Finished, tmp_path: Path) -> None:
    for arguments in (
        ("replay", "caviar", "--tracks", tmp_path / "absent.csv"),
        ("alerts", "export", "--rule", "zzz-99", "--out", tmp_path / "x"),
        ("marts", "build", "--as-known-on", "yesterday"),
    ):
        failed = safehold(ran.settings.home, *arguments)
        assert failed.code == 2, (arguments, failed)
        assert "error:" in failed.err
        assert "where:" in failed.err
        assert "do:" in failed.err
        assert "Traceback" not in failed.err
