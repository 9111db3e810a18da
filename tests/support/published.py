"""A published DuckDB file with plausible, seeded rows: what the dashboards read, without building the marts.

For tests of the dashboards only. Tables and types come from the publication models' YAML, so a
column that is renamed there is renamed here, and a row that names an unknown column fails.
"""

from __future__ import annotations

import calendar
import math
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import yaml
from numpy.typing import NDArray

from batch_jobs.marts.seeds import control_limit
from dashboards.published import MODELS, published_tables

PROVINCES = {"33": ("浙江省", "Zhejiang"), "44": ("广东省", "Guangdong")}
CITIES = {
    "3301": ("杭州市", "Hangzhou"),
    "3302": ("宁波市", "Ningbo"),
    "4401": ("广州市", "Guangzhou"),
    "4403": ("深圳市", "Shenzhen"),
}
MONTHS = [date(2024 + (9 + i) // 12, (9 + i) % 12 + 1, 1) for i in range(25)]
TODAY = date(2026, 10, 31)
RULES = {
    "int-01": ("单人提审", "Single-officer interrogation"),
    "cel-01": ("打斗", "Fighting"),
    "cel-02": ("奔跑", "Running"),
    "cel-06": ("倒地", "Person down"),
    "cel-12": ("跨区接触", "Cross-zone contact"),
    "cel-16": ("单独关押超期", "Solitary confinement over the limit"),
    "cel-17": ("戒具超时", "Restraints over time"),
    "cel-18": ("放风不足", "No hour outside the cell"),
    "int-10": ("律师会见逾期", "Lawyer meeting delayed"),
    "stf-01": ("漏巡", "Patrol missed"),
    "stf-05": ("睡岗", "Asleep on duty"),
    "stf-07": ("超时执勤", "Officer over duty hours"),
    "hlt-03": ("生命体征异常", "Abnormal vital signs"),
    "dev-01": ("摄像机失效", "Camera out of order"),
}
SOURCES = {"simulator": 412_345, "cameras": 300_123, "wristbands": 90_321}
SILENT = ("stf-01", "330102")
"""The rule that fell silent, and where: for the engineer's first task."""
WORSE = "440102"
"""The facility whose unnatural deaths rose beyond noise: for the analyst's first task."""
Row = dict[str, Any]
Counts = NDArray[np.int64]


def _units() -> list[Row]:
    names = ("tier", "unit", "unit_name_zh", "unit_name_en", "province", "city", "facility")
    rows: list[tuple[str | None, ...]] = [("nation", "00", "全国", "Nation", None, None, None)]
    rows += [("province", code, *name, code, None, None) for code, name in PROVINCES.items()]
    rows += [("city", code, *name, code[:2], code, None) for code, name in CITIES.items()]
    for city, (zh, en) in CITIES.items():
        for number, numeral in ((1, "一"), (2, "二")):
            code = f"{city}{number:02d}"
            rows.append(
                (
                    "facility",
                    code,
                    f"{zh}第{numeral}看守所",
                    f"{en} No. {number} Detention Centre",
                    city[:2],
                    city,
                    code,
                )
            )
    return [dict(zip(names, row, strict=True)) for row in rows]


def _rate(events: int, adp: float, months: int) -> Row:
    """The rate's columns, with a normal approximation of the interval: this file is for trying out looks."""
    row: Row = {"adp_12m": None, "rate_per_1000_12m": None, "rate_low": None, "rate_high": None}
    if months < 12:
        return {**row, "rate_flag": "short_window"}
    row["adp_12m"] = round(adp, 1)
    if events < 3:
        return {**row, "rate_flag": "too_few_events"}
    half = 1.96 * math.sqrt(events)
    return {
        **row,
        "rate_per_1000_12m": 1000 * events / adp,
        "rate_low": 1000 * max(0.0, events - half) / adp,
        "rate_high": 1000 * (events + half) / adp,
        "rate_flag": "ok" if events >= 20 else "unreliable",
    }


def _shown(incidents: int, tier: str) -> Row:
    """A family's incidents, withheld where they are few: enough for looks, not for safety."""
    gone = tier == "facility" and incidents in (1, 2)
    return {"incidents_total": None if gone else incidents, "withheld": "incidents_total" if gone else ""}


def _monthly(rng: np.random.Generator, units: list[Row]) -> dict[str, list[Row]]:
    """The tables with a row per unit and month, each unit the sum of its facilities."""
    out: dict[str, list[Row]] = {
        name: []
        for name in ("population", "deaths", "accidents", "accidents_total", "inspections", "rectification_summary")
    }
    facilities = [u for u in units if u["tier"] == "facility"]
    families = published_tables()["accidents"].columns["family"].values
    base = rng.integers(450, 1100, len(facilities))
    adp = base[:, None] * (0.86 + 0.012 * np.arange(25) + rng.normal(0, 0.015, (len(facilities), 25)))
    illness, unnatural, pending = (rng.poisson(adp * share) for share in (0.00022, 0.00006, 0.00002))
    unnatural[[f["unit"] for f in facilities].index(WORSE), 13:] += 1
    scale = np.array([1.0, 0.35, 0.08])[None, None, :, None]
    by_family = np.linspace(0.9, 0.1, len(families))[None, :, None, None]
    incidents = rng.poisson(np.broadcast_to(by_family * scale, (len(facilities), len(families), 3, 25)))
    reviewed = np.asarray(rng.integers(380, 600, adp.shape))
    for unit in units:
        inside = np.array([unit["tier"] == "nation" or f["unit"].startswith(unit["unit"]) for f in facilities])
        n = int(inside.sum())
        for i, month in enumerate(MONTHS):
            key = {**unit, "month": month}
            days = calendar.monthrange(month.year, month.month)[1]
            people, capacity = float(adp[inside, i].sum()), int(base[inside].sum() * 1.08)
            out["population"].append(
                key
                | {
                    "calendar_days": days,
                    "facilities": n,
                    "facility_days": n * days,
                    "days_missing": int(rng.random() < 0.03),
                    "person_days": round(people * days),
                    "adp": people,
                    "capacity": capacity,
                    "occupancy_pct": 100 * people / capacity,
                    "head_count_days": n * days,
                    "head_count_days_differing": int(rng.poisson(0.3)),
                }
            )
            ill, bad, open_ = (int(x[inside, i].sum()) for x in (illness, unnatural, pending))
            window = slice(max(0, i - 11), i + 1)
            deaths = int(sum(x[inside, window].sum() for x in (illness, unnatural, pending)))
            adp_12m = float(adp[inside, window].sum(axis=0).mean())
            months = window.stop - window.start
            out["deaths"].append(
                key
                | {
                    "withheld": "",
                    "deaths_total": ill + bad + open_,
                    "deaths_illness": ill,
                    "deaths_unnatural": bad,
                    "deaths_pending": open_,
                    "deaths_unknown": 0,
                    "deaths_off_site": ill // 2,
                    "unnatural_low": bad,
                    "unnatural_high": bad + open_,
                    "deaths_12m": deaths if months == 12 else None,
                    "deaths_12m_in_rate": deaths if months == 12 else None,
                    "unnatural_low_12m": int(unnatural[inside, window].sum()) if months == 12 else None,
                    "unnatural_high_12m": int((unnatural + pending)[inside, window].sum()) if months == 12 else None,
                }
                | _rate(deaths, adp_12m, months)
            )
            counts = np.asarray(incidents[inside][:, :, :, i].sum(axis=0))
            windowed = np.asarray(incidents[inside][:, :, :, window].sum(axis=(0, 2, 3)))
            severity = ("minor", "serious", "major")
            for j, family in enumerate(families):
                out["accidents"].append(
                    key
                    | {"family": family}
                    | _shown(int(counts[j].sum()), unit["tier"])
                    | {s: int(c) for s, c in zip(severity, counts[j], strict=True)}
                    | {"detainees_involved": int(counts[j].sum()), "staff_involved": 0}
                    | {"incidents_12m": int(windowed[j]), "incidents_12m_in_rate": int(windowed[j])}
                    | _rate(int(windowed[j]), adp_12m, months)
                )
            out["accidents_total"].append(
                key
                | {"incidents_total": int(counts.sum()), "withheld": ""}
                | {s: int(c) for s, c in zip(severity, counts.sum(axis=0), strict=True)}
                | {"detainees_involved": int(counts.sum()), "staff_involved": 0}
                | {"incidents_12m": int(windowed.sum()), "incidents_12m_in_rate": int(windowed.sum())}
                | _rate(int(windowed.sum()), adp_12m, months)
            )
            scheduled, missed, found = 4 * n, int(rng.binomial(4 * n, 0.08)), int(rng.poisson(2 * n))
            out["inspections"].append(
                key
                | {
                    "video_scheduled": scheduled,
                    "video_performed": scheduled - missed,
                    "video_missed": missed,
                    "required_minutes": 600 * n,
                    "reviewed_minutes": int(reviewed[inside, i].sum()),
                    "coverage_pct": 100 * float(reviewed[inside, i].sum()) / (600 * n),
                    "other_performed": n,
                    "findings": found,
                    "findings_serious": found // 4,
                }
            )
            ordered = int(rng.poisson(1.6 * n))
            on_time = int(rng.binomial(ordered, 0.8))
            out["rectification_summary"].append(
                key
                | {
                    "ordered": ordered,
                    "due_in_month": ordered,
                    "closed_on_time": on_time,
                    "closed_on_time_pct": 100 * on_time / ordered if ordered else None,
                    "closed_in_month": on_time,
                    "open_at_end": ordered - on_time + n,
                    "overdue_at_end": ordered - on_time,
                    "median_age_days": float(rng.integers(8, 30)),
                    "recurred_within_90_days": int(rng.binomial(ordered, 0.1)),
                }
            )
    return out


def _percent(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None


def _split(rng: np.random.Generator, whole: Counts, share: float) -> Counts:
    return np.asarray(rng.binomial(whole, share))


def _kept(rng: np.random.Generator, units: list[Row]) -> dict[str, list[Row]]:
    """What was planned and what became of it, month by month: each unit the sum of its facilities."""
    facilities = [u for u in units if u["tier"] == "facility"]
    shape = (len(facilities), len(MONTHS))
    planned = np.full(shape, 30 * 24 * 4)
    missed, late, unseen = (_split(rng, planned, share) for share in (0.015, 0.04, 0.01))
    due, received = rng.poisson(60, shape), rng.poisson(4, shape)
    unmet, delayed = _split(rng, due, 0.03), _split(rng, due, 0.05)
    drills = np.asarray(rng.integers(1, 4, shape))
    held = _split(rng, drills, 0.9)
    alerts = rng.poisson(90, shape)
    cleared = _split(rng, alerts, 0.96)
    told = _split(rng, alerts, 0.95)
    heard = _split(rng, told, 0.9)
    records = np.asarray(rng.integers(900_000, 1_100_000, shape))
    lost, lagging = _split(rng, records, 0.0004), _split(rng, records, 0.0002)
    since = np.cumsum(np.ones(shape, int), axis=1) + rng.integers(0, 10, shape[0])[:, None]
    quarantined = np.where(since % 12 == 0, 14, 0)
    counted: dict[str, dict[str, Counts]] = {
        "patrols": {
            "visits_scheduled": planned,
            "visits_on_time": planned - missed - late - unseen,
            "visits_late": late,
            "visits_missed": missed,
            "visits_unobservable": unseen,
        },
        "duties": {
            "drills_planned": drills,
            "drills_held": held,
            "drills_passed": _split(rng, held, 0.9),
            "complaints_received": received,
            "complaints_about_staff": _split(rng, received, 0.3),
            "complaints_answered_on_time": _split(rng, received, 0.85),
            "medical_duties_due": due,
            "medical_duties_met": due - unmet - delayed,
            "medical_duties_late": delayed,
            "medical_duties_missed": unmet,
        },
        "epidemic_measures": {
            "facilities_under": np.asarray(quarantined > 0, int),
            "facility_days": np.full(shape, 30),
            "days_under": quarantined,
            "days_whole": quarantined // 3,
            "blocks_under": np.asarray(quarantined > 0, int),
        },
        "alert_answers": {
            "alerts_raised": alerts,
            "alerts_critical": _split(rng, alerts, 0.1),
            "alerts_cleared": cleared,
            "alerts_cleared_in_time": _split(rng, cleared, 0.8),
            "alerts_unanswered": _split(rng, alerts, 0.02),
            "alerts_unobservable": _split(rng, alerts, 0.05),
            "alerts_told": told,
            "alerts_answered": heard,
            "alerts_answered_in_time": _split(rng, heard, 0.8),
            "alerts_escalated": told - heard,
            "alerts_false": _split(rng, heard, 0.15),
        },
        "data_quality": {
            "records_received": records,
            "records_accepted": records - lost,
            "records_late": lagging,
            "records_quarantined": lost,
            "visits_unobservable": unseen,
            "alerts_unobservable": _split(rng, alerts, 0.05),
        },
        "inspection_status": {
            "facilities_operating": np.ones(shape, int),
            "facilities_inspected": np.asarray(since > 3, int),
            "last_passed": np.asarray((since > 3) & (since // 6 % 4 < 2), int),
            "last_with_findings": np.asarray((since > 3) & (since // 6 % 4 == 2), int),
            "last_failed": np.asarray((since > 3) & (since // 6 % 4 == 3), int),
            "last_open": np.zeros(shape, int),
            "inspections_overdue": np.asarray((since > 15) & (since % 7 < 3), int),
        },
    }
    shares = {
        "patrols": ("on_time_pct", "visits_on_time", "visits_scheduled"),
        "data_quality": ("accepted_pct", "records_accepted", "records_received"),
        "inspection_status": ("overdue_pct", "inspections_overdue", "facilities_inspected"),
    }
    out: dict[str, list[Row]] = {name: [] for name in counted}
    for unit in units:
        inside = np.array([unit["tier"] == "nation" or f["unit"].startswith(unit["unit"]) for f in facilities])
        for i, month in enumerate(MONTHS):
            for name, columns in counted.items():
                row = unit | {"month": month} | {c: int(n[inside, i].sum()) for c, n in columns.items()}
                if name in shares:
                    pct, part, whole = shares[name]
                    row[pct] = _percent(row[part], row[whole])
                if name == "epidemic_measures":
                    out[name] += [row | {"kind": kind} for kind in ("fever_cluster", "quarantine")]
                    row |= {"kind": "visit_stop"}
                if name == "inspection_status":
                    row |= {"facility_type": "all", "median_interval_days": float(rng.integers(150, 330))}
                    out[name].append(row | {"facility_type": "detention_centre"})
                out[name].append(row)
    return out


def _rights(rng: np.random.Generator, units: list[Row]) -> list[Row]:
    """Days in custody, restraints and lawyers, month by month; small counts of facilities and cities withheld."""
    facilities = [u for u in units if u["tier"] == "facility"]
    shape = (len(facilities), len(MONTHS))
    days = np.asarray(rng.integers(14_000, 33_000, shape))
    unknown = _split(rng, days, 0.03)
    judged = days - unknown
    short, alone = _split(rng, judged, 0.02), np.asarray(rng.poisson(25 * rng.random(shape)))
    begun, asked = rng.poisson(18, shape), rng.poisson(40, shape)
    over, unstated = _split(rng, begun, 0.06), _split(rng, begun, 0.05)
    lapsed = _split(rng, asked, 0.03)
    late = _split(rng, asked - lapsed, 0.04)
    not_met = _split(rng, asked - lapsed - late, 0.02)
    none, one = np.zeros(shape, int), np.ones(shape, int)
    counted = {
        "person_days": days,
        "days_unknown": none,
        **{f"{about}_judged": judged for about in ("solitary", "outside")},
        **{f"{about}_unknown": unknown for about in ("solitary", "outside")},
        "solitary_days": alone,
        "solitary_over_15_days": np.asarray(alone > 22, int),
        "outside_hour": judged - short,
        "outside_short": short,
        "restraint_facilities": one,
        "restraints_begun": begun,
        "restraints_within_time": begun - over - unstated,
        "restraints_over_time": over,
        "restraints_running": none,
        "restraints_no_end_stated": unstated,
        "restraints_still_on": none,
        "lawyer_facilities": one,
        "lawyer_requests": asked,
        "lawyer_judged": asked - lapsed,
        "lawyer_in_time": asked - lapsed - late - not_met,
        "lawyer_late": late,
        "lawyer_not_met": not_met,
        "lawyer_not_due": none,
        "lawyer_lapsed": lapsed,
    }
    rows = []
    for unit in units:
        inside = np.array([unit["tier"] == "nation" or f["unit"].startswith(unit["unit"]) for f in facilities])
        for i, month in enumerate(MONTHS):
            row = unit | {"month": month} | {c: int(n[inside, i].sum()) for c, n in counted.items()}
            few = row["solitary_days"] < 3
            gone = unit["tier"] in ("city", "facility") and row["solitary_days"] in (1, 2)
            row |= {
                "solitary_per_1000": None if few else 1000 * row["solitary_days"] / row["solitary_judged"],
                "solitary_flag": "withheld" if gone else "too_few_events" if few else "ok",
                "solitary_unknown_pct": _percent(row["solitary_unknown"], row["person_days"]),
                "outside_unknown_pct": _percent(row["outside_unknown"], row["person_days"]),
                "outside_hour_pct": _percent(row["outside_hour"], row["outside_judged"]),
                "outside_flag": "ok",
                "restraint_hours": 2.5 * row["restraints_begun"],
                "lawyer_in_time_pct": _percent(row["lawyer_in_time"], row["lawyer_judged"]),
                "lawyer_flag": "ok" if row["lawyer_judged"] >= 20 else "unreliable",
                "withheld": "solitary_days solitary_flag solitary_per_1000" if gone else "",
            }
            rows.append(row | {"solitary_days": None} if gone else row)
    return rows


def _metrics(rng: np.random.Generator, units: list[Row]) -> list[Row]:
    """Every metric of every unit over the windows of the last 13 months, most of its changes within chance."""
    model = yaml.safe_load((MODELS / "metrics.yml").read_text(encoding="utf-8"))["models"][0]
    known = model["config"]["meta"]["metrics"]
    units_of = {"level": "persons", "rate": "per 1000 ADP", "per_admissions": "per 10000 admissions"}
    rows = []
    for unit in units:
        for metric, about in known.items():
            unit_of = units_of.get(about["kind"], "%")
            is_low = unit_of != "%" or metric.endswith(("overdue", "recurrence", "unobservable", "late"))
            level = float(rng.uniform(2, 9) if is_low else rng.uniform(82, 97))
            level *= 700 if unit_of == "persons" else 1
            step = float(rng.normal(0, 1.2))
            for i, month in enumerate(MONTHS[-13:]):
                value = level + step * i / 12
                flag = "within_chance" if abs(step) < 1.5 else "higher" if step > 0 else "lower"
                rows.append(
                    unit
                    | {"month": month, "facility_type": "all", "metric": metric}
                    | {"metric_zh": about["zh"], "metric_en": about["en"], "value_unit": unit_of}
                    | {"publication_profile": "default"}
                    | {"value": value, "value_low": value - 1.1, "value_high": value + 1.1, "value_before": level}
                    | {"change": value - level, "change_low": value - level - 1.5, "change_high": value - level + 1.5}
                    | {"flag": "ok", "change_flag": flag if i == 12 else "within_chance"}
                )
    return rows


def _reported(rng: np.random.Generator, units: list[Row]) -> list[Row]:
    """Assaults that facilities report by quarter and admissions by month, with the rate's interval."""
    reports = [
        (unit, "assaults_on_staff", first, 92, int(rng.poisson(9))) for unit in units for first in MONTHS[::3][:8]
    ]
    reports += [(unit, "admissions", first, 31, 60 + 5 * (n % 6)) for unit in units for n, first in enumerate(MONTHS)]
    rows = []
    for unit, measure, first, days, events in reports:
        last, adp = (first + timedelta(days=days)).replace(day=1) - timedelta(days=1), 700.0
        rate = _rate(events, adp, 12)
        rows.append(
            unit
            | {"facility_type": "all", "measure": measure, "period_from": first, "period_to": last}
            | {"facilities_reporting": 1, "facilities_in_rate": 1, "reported": events, "reported_in_rate": events}
            | {"adp_in_rate": adp, "rate_per_1000": rate["rate_per_1000_12m"], "rate_flag": rate["rate_flag"]}
            | {"rate_low": rate["rate_low"], "rate_high": rate["rate_high"]}
        )
    return rows


def _funnel(rows: list[Row]) -> None:
    """Adds the control limits to the rows of deaths, by the same exact quantiles as the seed."""
    national = {r["month"]: r["rate_per_1000_12m"] for r in rows if r["tier"] == "nation"}
    for row in rows:
        rate, adp = national[row["month"]], row["adp_12m"]
        if rate is None or not adp:
            row["control"] = "no_rate"
            continue
        low_998, low_95, high_95, high_998 = (
            1000 * control_limit(rate * adp / 1000, p) / adp for p in (0.001, 0.025, 0.975, 0.999)
        )
        row |= {"national_rate": rate, "limit_low_998": low_998, "limit_low_95": low_95}
        row |= {"limit_high_95": high_95, "limit_high_998": high_998}
        own = row["rate_per_1000_12m"]
        outside = {"above_998": own and own > high_998, "above_95": own and own > high_95}
        outside |= {"below_998": own and own < low_998, "below_95": own and own < low_95}
        row["control"] = (
            "no_rate" if own is None else next((name for name, is_so in outside.items() if is_so), "within")
        )


def _false_alarm_pct(false: int, judged: int) -> Row:
    """The share's columns, with a normal approximation of the interval: this file is for trying out looks."""
    names = ("false_alarm_pct", "false_alarm_pct_low", "false_alarm_pct_high")
    if judged == 0:
        return dict.fromkeys(names)
    share = false / judged
    half = 1.96 * math.sqrt(share * (1 - share) / judged)
    limits = (share, max(0.0, share - half), min(1.0, share + half))
    return dict(zip(names, (100 * limit for limit in limits), strict=True))


def _rules(rng: np.random.Generator, units: list[Row]) -> dict[str, list[Row]]:
    """States and quality of the rules, what every source has delivered, and alerts by weekday and hour."""
    facilities = [u for u in units if u["tier"] == "facility"]
    began = datetime(2026, 10, 1)
    status, quality, feeds, weekdays = [], [], [], []
    for facility in facilities:
        for number, (rule, (zh, en)) in enumerate(RULES.items()):
            silent = (rule, facility["unit"]) == SILENT
            status.append(
                facility
                | {
                    "number": number,
                    "rule": rule,
                    "rule_title_zh": zh,
                    "rule_title_en": en,
                    "rule_version": 1,
                    "rule_mode": "failed" if silent else "active",
                    "is_current": True,
                    "since": datetime(2026, 10, 29, 3) if silent else began,
                    "catalogue": "2026-10-01",
                    "by_change": silent,
                    "fault": "feature patrol_gap_s: no plan of rounds for zone c-3" if silent else "",
                    "last_raised_at": datetime(2026, 10, 29, 2, 40) if silent else datetime(2026, 10, 31, 22),
                    "hours_silent": 69.3 if silent else float(rng.integers(1, 9)),
                }
            )
        for source in SOURCES:
            records = int(rng.integers(10_000, 90_000))
            feeds.append(
                facility
                | {"source": source, "records": records, "accepted": records - 12, "late": 5, "quarantined": 12}
                | {"observations": 3 * records, "last_event_at": datetime(2026, 10, 31, 23, 58)}
                | {"minutes_behind": float(rng.integers(0, 4))}
            )
    for unit in units:
        for rule, (zh, en) in RULES.items() if unit["tier"] in ("nation", "province") else ():
            raised = int(rng.integers(0, 60))
            quality.append(
                unit
                | {"rule": rule, "rule_title_zh": zh, "rule_title_en": en, "alerts": raised, "alerts_shadow": 0}
                | {"unobservable": raised // 9, "open_alerts": raised // 20}
                | {"judged": raised // 2, "false_alarms": raised // 10}
                | _false_alarm_pct(raised // 10, raised // 2)
                | {"unobservable_pct": 100 * (raised // 9) / raised if raised else None}
                | {"median_duration_s": float(rng.integers(20, 400)) if raised else None}
                | {"last_raised_at": datetime(2026, 10, 31, 22) if raised else None}
            )
        for day in range(1, 8):
            for hour in range(24):
                n = int(rng.poisson(3 + 4 * math.exp(-((hour - 21) ** 2) / 8)))
                if n:
                    weekdays.append(
                        unit
                        | {"weekday": str(day), "local_hour": f"{hour:02d}"}
                        | {"severity": ("notice", "minor", "major", "critical")[n % 4], "alerts": n}
                    )
    return {"rule_status": status, "rule_quality": quality, "feed_status": feeds, "alerts_by_weekday": weekdays}


def _observed(rng: np.random.Generator, units: list[Row]) -> dict[str, list[Row]]:
    """A job that fell behind when a film was replayed and caught up, and what else the platform sees of itself."""
    nation, facilities = units[0], [u for u in units if u["tier"] == "facility"]
    last = datetime(2026, 10, 31, 23, 58)
    health = []
    for minutes in range(24 * 60, -1, -5):
        busy = math.exp(-(((minutes - 240) / 60) ** 2))
        health.append(
            nation
            | {"sampled_at": last - timedelta(minutes=minutes), "is_latest": minutes == 0, "is_recent": True}
            | {"job_state": "running", "fault": "", "restarts": 1, "uptime_h": 61.5 - minutes / 60}
            | {"checkpoint_at": last - timedelta(minutes=minutes, seconds=1), "checkpoint_age_s": 1.4}
            | {"checkpoint_s": 0.31 + busy, "checkpoint_mb": 4.2 + 3 * busy, "checkpoints_completed": 104_100}
            | {"checkpoints_failed": 4, "records_per_s": 900 + 2400 * busy + float(rng.integers(60))}
            | {"busy_pct": 34.0, "back_pressured_pct": 2.5, "records_posted": 802_738}
            | {"records_behind": int(90 + 41_000 * busy + rng.integers(40))}
        )
    tables = [
        nation
        | {"table_name": name, "sampled_at": last, "row_count": n, "data_files": files, "delete_files": 0}
        | {"size_mb": size, "mean_file_kb": 1000 * size / files, "snapshots": files, "written_at": last}
        for name, n, files, size in (
            ("bronze.received", 802_738, 412, 96.3),
            ("silver.features", 86_400, 398, 41.8),
            ("silver.ledger", 5_321, 390, 2.1),
            ("silver.alert", 240, 61, 0.6),
            ("register.stay", 61_200, 3, 2.4),
        )
    ]
    clocks = [
        facility
        | {"sampled_at": last, "clock_at": last - timedelta(seconds=2), "newest_event_at": last, "received_at": last}
        | {"seconds_behind": 2.0 if number else 95.5, "minutes_silent": 0.1}
        for number, facility in enumerate(facilities)
    ]
    costs = [
        facilities[0]
        | {"rule": rule, "rule_title_zh": zh, "rule_title_en": en, "rule_version": 1, "mode": "active"}
        | {"measured_at": last, "measured_day": TODAY, "measured_seconds": 600}
        | {"cost_us": cost, "none_us": 38.0, "cost_ratio": (38 + cost) / 38, "together_us": 260.0}
        for (rule, (zh, en)), cost in zip(RULES.items(), rng.uniform(4, 60, len(RULES)).tolist(), strict=True)
    ]
    trial = {"rule": "cel-06", "rule_title_zh": "倒地", "rule_title_en": "Person down", "rule_version": 2}
    shadow = [
        facility
        | trial
        | {"is_running": True, "trial_since": datetime(2026, 10, 24), "trial_until": last, "hours_on_trial": 191.9}
        | {"alerts_shadow": 12, "alerts_agreed": 9, "alerts_only_shadow": 3, "alerts_only_active": number}
        | {"agreed_pct": 75.0}
        for number, facility in enumerate(facilities[:3])
    ]
    costs.append(costs[3] | trial | {"mode": "shadow", "cost_us": 21.0})
    return {
        "job_health": health,
        "lake_tables": tables,
        "facility_clocks": clocks,
        "rule_cost": costs,
        "shadow_results": shadow,
    }


def _names(units: list[Row]) -> list[Row]:
    """Rows of the table of units: the names above each, and tiles."""
    names = {u["unit"]: (u["unit_name_zh"], u["unit_name_en"]) for u in units}
    rows = []
    for unit in units:
        row = dict(unit)
        for tier in ("province", "city", "facility"):
            row[f"{tier}_name_zh"], row[f"{tier}_name_en"] = names.get(unit[tier] or "", (None, None))
        tile = {"33": (5, 6), "44": (6, 5)}.get(unit["unit"])
        if unit["tier"] == "city":
            tile = (0, int(unit["unit"][2:]) - 1)
        row["tile_row"], row["tile_column"] = tile or (None, None)
        rows.append(row)
    return rows


def _alerts(rng: np.random.Generator, units: list[Row]) -> dict[str, list[Row]]:
    facilities = [u for u in units if u["tier"] == "facility"]
    begin = datetime(2026, 10, 31, 20, 0)
    alerts: list[Row] = []
    hours: Counter[tuple[Any, ...]] = Counter()
    unit_of = {u["unit"]: u for u in units}
    for number in range(120):
        facility = facilities[int(rng.integers(4)) * 2]
        rule = list(RULES)[int(rng.integers(len(RULES)))]
        raised = begin + timedelta(seconds=int(rng.integers(4 * 3600)))
        open_ = bool(rng.random() < 0.15)
        severity = ("notice", "minor", "major", "critical")[int(rng.integers(4))]
        verdict = "unobservable" if rule == "stf-01" and rng.random() < 0.3 else "violation"
        zh, en = RULES[rule]
        alerts.append(
            facility
            | {
                "alert_id": f"a{number:05d}",
                "rule": rule,
                "rule_title_zh": zh,
                "rule_title_en": en,
                "severity": severity,
                "mode": "active",
                "verdict": verdict,
                "zone": f"cell-{int(rng.integers(12)) + 1:02d}",
                "accountable": "block_duty",
                "status": "open" if open_ else "cleared",
                "onset_at": raised - timedelta(seconds=30),
                "raised_at": raised,
                "cleared_at": None if open_ else raised + timedelta(seconds=90),
                "duration_s": None if open_ else 120.0,
            }
        )
        hour = raised.replace(minute=0, second=0)
        for unit in ("00", facility["province"], facility["city"], facility["unit"]):
            hours[unit, hour, rule, severity, verdict, open_] += 1
    by_hour = [
        unit_of[unit]
        | {"hour": hour, "rule": rule, "rule_title_zh": RULES[rule][0], "rule_title_en": RULES[rule][1]}
        | {"severity": severity, "mode": "active", "verdict": verdict, "alerts": n, "open_alerts": n * open_}
        for (unit, hour, rule, severity, verdict, open_), n in hours.items()
    ]
    return {"alerts": alerts, "alerts_by_rule_hour": by_hour}


def _lists(rng: np.random.Generator, units: list[Row]) -> dict[str, list[Row]]:
    nation = units[0]
    facilities = [u for u in units if u["tier"] == "facility"]
    orders = []
    categories = published_tables()["rectification"].columns["category"].values
    for number in range(60):
        ordered = TODAY - timedelta(days=int(rng.integers(3, 90)))
        due = ordered + timedelta(days=30)
        is_open = bool(rng.random() < 0.5)
        end = TODAY if is_open else ordered + timedelta(days=int(rng.integers(2, 40)))
        late = max(0, (end - due).days)
        orders.append(
            facilities[int(rng.integers(len(facilities)))]
            | {
                "rectification": f"R2026-{number:04d}",
                "category": categories[int(rng.integers(len(categories)))],
                "listed": bool(rng.random() < 0.4),
                "ordered": ordered,
                "due": due,
                "closed": None if is_open else end,
                "status": "open" if is_open else "closed",
                "days_open": (end - ordered).days,
                "overdue": late > 0,
                "days_overdue": late,
                "recurrence": None if is_open else bool(rng.random() < 0.1),
            }
        )
    ranking = [
        facility
        | {
            "month": MONTHS[-1],
            "occupancy_pct": 112.0 - 4 * i,
            "adp": 700.0,
            "load_score": max(0, 5 - i),
            "weakness_score": max(0, 8 - 2 * i),
            "load_rank": i + 1,
            "weakness_rank": i + 1,
            "reasons_zh": "押容率 112.0 %；视频查看覆盖率 71.0 %；挂牌整改超期 2 项" if i < 4 else "",
            "reasons_en": "occupancy 112.0 %; video coverage 71.0 %; 2 listed orders overdue" if i < 4 else "",
        }
        for i, facility in enumerate(facilities)
    ]
    risk = [
        facility
        | {
            "level": level,
            "persons": None if level != "low" and i == 3 else int(700 * share),
            "withheld": "persons" if level != "low" and i == 3 else "",
            "as_of": datetime(2026, 11, 1),
        }
        for i, facility in enumerate(facilities)
        for level, share in (("low", 0.82), ("elevated", 0.15), ("high", 0.03))
    ]
    reporting = [
        facility
        | {"month": MONTHS[-1], "measure": measure, "reported": 12 if i == 1 else usual, "expected": usual + 0.5}
        | {"expected_low": usual // 2, "expected_high": 2 * usual, "chance": 0.003 if i == 1 else 0.4}
        | {"flag": "low" if i == 1 else "as_expected", "person_days": 250_000.0, "live_person_days": 20_000.0}
        | {"alerts": 9, "medical_alerts": 4, "findings_serious": 3, "live_days": 30}
        for i, facility in enumerate(facilities)
        for measure, usual in (("incidents", 40), ("deaths", 12))
    ]
    counts = [
        nation
        | {
            "source": source,
            "offered": n,
            "landed": n - 17,
            "quarantined_landing": 17,
            "received": n - 17,
            "processed": n - 17,
            "accepted": n - 40,
            "quarantined_stream": 23,
            "late": 5,
            "quarantine_rows_landing": 17,
            "quarantine_rows_stream": 23,
            "quarantine_rows_late": 5,
            "balanced": True,
            "difference": "",
        }
        for source, n in SOURCES.items()
    ]
    quarantine = [
        facility | {"source": source, "stage": "stream", "reason": reason, "records": int(rng.integers(1, 40))}
        for facility in facilities[:3]
        for source in SOURCES
        for reason in ("malformed_json", "contract", "unknown_zone", "duplicate", "late")
    ]
    layers = [
        nation | {"layer": layer, "table_name": table, "row_count": n}
        for layer, table, n in (
            ("bronze", "received", 802_738),
            ("silver", "ledger", 5_321),
            ("silver", "quarantine", 123),
            ("silver", "alert", 240),
            ("register", "stay", 61_200),
            ("publication", "deaths", 360),
        )
    ]
    freshness = nation | {
        "data_from": MONTHS[0],
        "data_until": TODAY,
        "last_event_at": datetime(2026, 10, 31, 23, 59),
        "knowledge_date": TODAY,
        "built_at": datetime(2026, 11, 1, 0, 20),
        "run_id": "trial",
        "gate_status": "passed",
        "gate_checked_at": datetime(2026, 11, 1, 0, 21),
        "gate_failed_checks": 0,
        "note_zh": "",
        "note_en": "",
    }
    return {
        "rectification": orders,
        "facility_ranking": ranking,
        "risk_levels": risk,
        "under_reporting": reporting,
        "count_reconciliation": counts,
        "quarantine_summary": quarantine,
        "layer_counts": layers,
        "freshness": [freshness],
    }


def write_published(path: Path, seed: int = 7) -> None:
    """Write the file with all publication tables.

    Raises:
        KeyError: a row names a column that the publication models do not have.
    """
    rng = np.random.default_rng(seed)
    units = _units()
    rows = _monthly(rng, units) | _alerts(rng, units) | _lists(rng, units) | _rules(rng, units)
    rows |= _kept(rng, units) | {"metrics": _metrics(rng, units), "reported_rates": _reported(rng, units)}
    rows |= _observed(rng, units)
    _funnel(rows["deaths"])
    rows["units"] = _names(units)
    rows["rights"] = _rights(np.random.default_rng(seed + 1), units)  # of its own: the other tables stay as approved
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as db:
        db.execute("create schema publication")
        for table in published_tables().values():
            columns = ", ".join(f"{c.name} {c.type}" for c in table.columns.values())
            db.execute(f"create table publication.{table.name} ({columns})")
            for row in rows.get(table.name, []):
                if unknown := row.keys() - table.columns.keys():
                    raise KeyError(f"{table.name} has no column {sorted(unknown)}")
            # One batch a table: DuckDB is slow at single rows.
            batch = pa.table({name: [row.get(name) for row in rows.get(table.name, [])] for name in table.columns})
            if batch.num_rows:
                db.execute(f"insert into publication.{table.name} select * from batch")
