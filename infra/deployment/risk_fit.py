"""Fitting a new version of the scorecard of persons: from the lake or simulated careers, to a card and its report."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from batch_jobs.risk.fit import POINTS_TO_DOUBLE
from batch_jobs.risk.job import packed, training_table, unpacked
from batch_jobs.risk.model import Judged, judge
from batch_jobs.risk.people import person_of
from batch_jobs.risk.report import model_card
from batch_jobs.risk.table import Question, rows_of
from infra.settings import Settings
from ingestion.contracts import EVENTS
from ingestion.sources.simulator import Scenario
from ingestion.sources.simulator.careers import DAY_MS, careers
from streaming_jobs.catalogue import Scorecard, load_scorecard
from streaming_jobs.risk.hear import HEARD
from streaming_jobs.risk.history import Activations, Heard

TYPES = tuple(name for name, model in EVENTS.items() if model.__name__ in HEARD)


def table_of_lake(settings: Settings, card: Scorecard, question: Question) -> pd.DataFrame:
    """The training table of the instance's lake, by Spark."""
    from batch_jobs.lakehouse.session import spark_session

    with spark_session(settings, "risk-fit") as spark:
        return training_table(spark, TYPES, Heard, Activations(card), question)


def table_of_careers(scenario: Scenario, people: int, days: int, card: Scorecard, question: Question) -> pd.DataFrame:
    """The table of simulated careers, with ``truth``: the true chance within the horizon."""
    see, end, rows = Activations(card), scenario.start_ms, []
    for career in careers(scenario, people, days):
        heard = [Heard(e.event_time, e.event_time, e.model_dump_json().encode()) for e in career.events]
        heard += [Heard(at, at, None, rule, f"{career.subject}-{at}") for at, rule in career.alerts]
        person = person_of(career.subject, heard, question.outcomes, end)
        if person is not None:
            last = person.end if person.end < end else end
            chances = dict(enumerate(reversed(career.chance)))  # the last day first
            for row in rows_of(person, question, see):
                back = int((last - row["moment"]) // DAY_MS)
                ahead = [chances.get(back - n, 0.0) for n in range(int(question.horizon_h // 24))]
                rows.append({**row, "truth": 1 - float(np.prod([1 - p for p in ahead]))})
    return unpacked(packed(rows))


def fitted(table: pd.DataFrame, card: Scorecard, question: Question, on: date, source: str) -> tuple[Scorecard, Judged]:
    """The next version of a card, with the points of a fit dated from a day, and how it was judged.

    The levels begin where the same share of people has them as under the card in force.
    """
    names = [f.factor for f in card.factors] + [f"unknown_{rule.input}" for rule in card.unknown]
    before = {f.factor: f.weights[-1].points for f in card.factors}
    signs = [-1 if before.get(name, 1.0) < 0 else 1 for name in names]
    cuts = {"elevated": card.elevated.up, "high": card.high.up}
    judged = judge(table, names, signs, question, cuts)
    points = before | {f"unknown_{rule.input}": rule.points for rule in card.unknown} | judged.points
    sums = judged.train_scores * POINTS_TO_DOUBLE / np.log(2)
    elevated, high = (float(np.quantile(sums, min(0.999, judged.quantiles[name]))) for name in cuts)
    elevated = max(4.0, round(elevated))
    high = max(elevated * 1.5, round(high))
    data = card.model_dump(mode="json", by_alias=True, exclude_none=True)
    data["version"] = card.version + 1
    data["elevated"] = {"up": elevated, "down": round(elevated * 0.8, 1)}
    data["high"] = {"up": high, "down": round(max(high * 0.85, elevated + 0.5), 1)}
    for factor in data["factors"]:
        new = points[factor["factor"]]
        most, old = factor.pop("most", None), before[factor["factor"]]
        if most is not None and old and new:
            factor["most"] = round(abs(new) * most / abs(old), 1)
        if factor["factor"] in judged.points:
            kept = [w for w in factor["weights"] if w["from"] < on.isoformat()]
            factor["weights"] = [*kept, {"from": on.isoformat(), "points": new, "source": source}]
    for rule in data["unknown"]:
        if (name := f"unknown_{rule['input']}") in judged.points:
            rule |= {"points": points[name], "source": source}
    return Scorecard.model_validate_json(json.dumps(data)), judged


def write(card: Scorecard, judged: Judged, in_force: Scorecard, source: str, out: Path) -> tuple[Path, Path]:
    """Write the card's YAML and the model card into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    yaml_file, report = out / f"{card.id}.yaml", out / f"{card.id}-v{card.version}-model-card.md"
    data = card.model_dump(mode="json", by_alias=True, exclude_none=True)
    yaml_file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8")
    report.write_text(model_card(card.name, in_force.name, judged, source), encoding="utf-8")
    return yaml_file, report


def run(
    settings: Settings,
    question: Question,
    out: Path,
    simulated: tuple[int, int, int] | None,
    say: Callable[[str], None],
) -> None:
    """Fit, judge and write.

    Args:
        simulated: people, days and seed of simulated careers; None for the lake.
    """
    card = load_scorecard()
    if simulated is not None:
        people, days, seed = simulated
        source = f"simulated careers: {people} persons over {days} days, seed {seed}"
        scenario = Scenario(seed=seed)
        table, on = table_of_careers(scenario, people, days, card, question), scenario.start.date()
    else:
        table = table_of_lake(settings, card, question)
        on = datetime.fromtimestamp(table["moment"].max() / 1000, tz=UTC).date()
        source = f"the lake, to {on}"
    new, judged = fitted(table, card, question, on, f"fitted on {source}")
    yaml_file, report = write(new, judged, card, source, out)
    say(f"{sum(judged.rows)} rows, {sum(judged.outcomes)} with an outcome; judged on the later {judged.rows[1]}")
    say(f"AUC {judged.in_force[0]:.3f} in force, {judged.fitted[0]:.3f} fitted" + _ceiling(judged))
    say(f"calibration error {judged.error:.2%}, PSI {judged.drift:.3f}")
    say(f"{yaml_file}: {new.name}; try it in shadow: safehold rules deploy {yaml_file} --by --why")
    say(f"{report}")


def _ceiling(judged: Judged) -> str:
    return "" if judged.ceiling is None else f", {judged.ceiling:.3f} by the true chance"
