"""The demo's steps in their order, each timed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dashboards.pictures import find_browser
from infra import derived_registers
from infra.cli.rule_views import measure_costs
from infra.demo.drill import run_drill
from infra.demo.inspection import published_order, run_inspection
from infra.demo.instance import begin_anew
from infra.demo.observed import watched
from infra.demo.real_input import FACILITIES, land_real
from infra.demo.steps import InBackground, Steps
from infra.demo.summary import alert_counts, alert_scores, bad_input, event_counts, layer_rows
from infra.demo.trial import with_trial
from infra.local.dashboards import deploy_dashboards, logins, take_pictures
from infra.local.gateway import GatewayService
from infra.local.instance import start_services
from infra.local.superset import Superset, logins_file
from infra.settings import Settings, ensure_tables, open_catalog

BAD_OF_EACH_KIND = 3
COST_SECONDS = 120
SOURCE = "simulator"


def run_demo(
    settings: Settings, out: Path, say: Callable[[str], None], *, seed: int, seconds: int, months: int, real: bool
) -> dict[str, Any]:
    """Simulate, stream, build, publish, show; returns the summary, which is also written to ``out``.

    Args:
        seconds: length of the live part. months: length of the register history.
        real: land the real recordings of ``settings.realdata`` too.
    """
    from batch_jobs.marts.build import build_marts
    from ingestion.landing import land
    from ingestion.sources import simulator
    from quality.gate import publish
    from streaming_jobs.jobs.run import run_stream

    steps = Steps(say)
    out.mkdir(parents=True, exist_ok=True)
    with steps.step("empty instance"):
        begin_anew(settings, seed)
    first_time = not logins_file(settings).exists()
    superset = InBackground(lambda: Superset().start(settings))
    with steps.step("broker"):
        for _ in start_services(settings, ["broker"]):
            pass
        ensure_tables(open_catalog(settings))
    scenario = simulator.Scenario(seed=seed, months=months, live_seconds=seconds)
    with steps.step(f"registers of {months} months"):
        simulator.write_registers(settings, scenario)
    with steps.step("an inspection: planned, a weakness found, an order listed"):
        order = run_inspection(settings, scenario.known_at, seed)
    records = simulator.corrupt(simulator.live(scenario), seed, each=BAD_OF_EACH_KIND)
    with steps.step(f"{seconds} s of live events, simulated and landed"):
        places = [place.facility for place in scenario.live_places]
        land(settings, SOURCE, with_trial(settings, records, places))
    if real:
        with steps.step("real recordings"):
            land_real(settings, settings.realdata)
    with steps.step("stream job"), watched(settings):
        run_stream(settings, until_drained=True)
    with steps.step("what each rule costs, on recorded seconds"):
        measure_costs(settings, facility="", day=None, seconds=COST_SECONDS)
    with steps.step("counts reconciled (Spark)"):
        balanced = _reconcile(settings)
    with steps.step("marts (dbt)"):
        derived_registers.keep(settings)
        build_marts(settings, as_known_on=None, say=lambda text: None)
    with steps.step("gate and publication"):
        gate = publish(settings)
    with steps.step("Superset"):
        superset.finish()
    with steps.step("dashboards"):
        deployed = deploy_dashboards(settings)
    with steps.step("pictures"):
        pictures = _pictures(settings, out, say)
    simulated = {place.facility for place in scenario.live_places}
    scores = alert_scores(settings, simulator.truth(scenario), simulated)
    summary: dict[str, Any] = {
        "seed": seed,
        "address": Superset().address(settings),
        "steps_s": steps.seconds,
        "events": event_counts(settings),
        "bad_input": bad_input(settings, records.injected),
        "counts_agree": balanced,
        "alerts_by_rule": scores,
        "alerts_on_real_recordings": alert_counts(settings, FACILITIES) if real else {},
        "gate": {"checks": len(gate.checks), "published": str(settings.published_db.name)},
        "overdue_order": published_order(settings, order),
        "rows": layer_rows(settings),
        "dashboards": deployed.addresses,
        "pictures": pictures,
    }
    # Last: the figures above are those of the finished run, and the gateway goes on.
    with steps.step("live: two fights, one answered"):
        drill = run_drill(settings, say, out / "terminal.png", out / "custody-code.txt")
    summary["live"] = {
        "gateway": GatewayService().address(settings),
        "told": drill.told,
        "screen_s": round(drill.screen_s, 2),
        "escalated_s": round(drill.escalated_s, 1),
        "told_of_no_answer": drill.accused,
    }
    summary["person"] = asdict(drill.person)
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    # Passwords are shown once and never written beside the figures.
    shown = {"logins": logins(settings) if first_time else {}, "logins_file": str(deployed.logins)}
    return {**summary, **shown, "terminals": drill.users}


def _reconcile(settings: Settings) -> bool:
    from batch_jobs.lakehouse.reconciliation import reconcile
    from batch_jobs.lakehouse.session import spark_session

    with spark_session(settings, "reconciliation") as spark:
        return reconcile(spark).balanced


def _pictures(settings: Settings, out: Path, say: Callable[[str], None]) -> list[str]:
    """Pictures of the dashboards, or none where no browser is installed."""
    if not find_browser():
        say("  no pictures: no Chromium is installed (or name one in SAFEHOLD_BROWSER)")
        return []
    return [str(taken.path.name) for taken in take_pictures(settings, out, ["zh", "en"])]
