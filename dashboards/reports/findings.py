"""From published numbers to sentences that say how sure they are. One function a kind of finding.

Each takes the finding's definition, the scope's rows and a voice, and gives a statement: its text, and whether
the difference it tells is beyond chance. A withheld number is said to be withheld, a missing one to be missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from dashboards.published import published_tables
from dashboards.reports.numbers import shown
from dashboards.reports.published import Row, Scoped, is_withheld
from dashboards.reports.spec import (
    Bounds,
    Changes,
    Composition,
    Finding,
    Level,
    Orders,
    Outliers,
    Rate,
    Share,
    Weakest,
)
from dashboards.reports.statistics import (
    ALPHA,
    Estimate,
    compare_units,
    rate_ratio,
    share,
    share_change,
    usual_range,
)
from dashboards.reports.voice import PERCENT, Voice

Verdict = Literal["beyond", "chance", ""]


@dataclass(frozen=True, slots=True)
class Statement:
    """A finding in words."""

    text: str
    verdict: Verdict = ""


def _one(rows: list[Row]) -> Row:
    return rows[0] if rows else {}


def _not_there(voice: Voice, label: str, rows: list[Row], column: str) -> Statement:
    hidden = any(is_withheld(row, column) for row in rows)
    return Statement(voice.say("figure.withheld" if hidden else "figure.missing", label=label))


def _verdict(estimate: Estimate, nothing: float) -> tuple[str, Verdict]:
    if not estimate.tells_from(nothing):
        return "verdict.chance", "chance"
    return ("verdict.up" if estimate.value > nothing else "verdict.down"), "beyond"


def _rate_change(finding: Rate, now: Row, before: Row, voice: Voice) -> Statement:
    column = finding.number.column
    if now.get(column) is None or before.get(column) is None:
        return Statement(voice.say("change.none"))
    ratio = rate_ratio(now[finding.events], now[finding.exposure], before[finding.events], before[finding.exposure])
    assert ratio is not None, "a published rate has events and population"
    phrase, verdict = _verdict(ratio, 1.0)
    text = voice.say(
        "change.told",
        before=voice.number(before[column], finding.number.format),
        verdict=voice.say(phrase),
        **voice.ratio(ratio),
    )
    return Statement(text, verdict)


def _rate(finding: Rate, scoped: Scoped, voice: Voice) -> Statement:
    now, before = _one(scoped.month_of(finding.table)), _one(scoped.month_of(finding.table, back=12))
    label, month = finding.label.get(voice.language), voice.month(scoped.month)
    if not now:
        return _not_there(voice, label, [], "")
    counted = now[finding.counted]
    flag = now[finding.flag] if counted is not None else "short_window"
    if is_withheld(now, finding.number.column) or is_withheld(now, finding.counted):
        return Statement(voice.say("rate.withheld", label=label))
    count = "" if counted is None else finding.noun.count(counted, voice.number(counted), voice.language)
    if now[finding.number.column] is None:
        return Statement(voice.say(f"rate.{flag}", label=label, month=month, count=count))
    form = finding.number.format
    measured = voice.say(
        "rate.measured",
        label=label,
        month=month,
        count=count,
        value=voice.number(now[finding.number.column], form),
        low=voice.number(now[finding.low], form),
        high=voice.number(now[finding.high], form),
    )
    outside = counted - now[finding.events]
    partly = voice.say("rate.partly", n=voice.number(outside)) if outside else ""
    caution = voice.say("rate.unreliable") if flag == "unreliable" else ""
    change = _rate_change(finding, now, before, voice)
    return Statement(voice.join([measured, partly, caution, change.text]), change.verdict)


def _bounds(finding: Bounds, scoped: Scoped, voice: Voice) -> Statement:
    rows, label = scoped.month_of(finding.table), finding.label.get(voice.language)
    row = _one(rows)
    low, high = row.get(finding.low), row.get(finding.high)
    if low is None or high is None:
        return _not_there(voice, label, rows, finding.low if low is None else finding.high)
    phrase = "bounds.one" if low == high else "bounds.apart"
    count = finding.noun.count(high, voice.number(high), voice.language)
    return Statement(
        voice.say(phrase, label=label, month=voice.month(scoped.month), low=voice.number(low), count=count)
    )


def _parts(finding: Composition, scoped: Scoped, voice: Voice) -> Statement:
    rows, table = scoped.month_of(finding.table), published_tables()[finding.table]
    row = _one(rows)
    total = row.get(finding.total)
    if total is None:
        return _not_there(voice, finding.label.get(voice.language), rows, finding.total)
    unit = finding.unit.get(voice.language)
    parts = [
        f"{voice.label(table, part).lower()}{'' if voice.language == 'zh' else ' '}{voice.cell(row, part.column)}"
        + (unit if row[part.column] is not None else "")
        for part in finding.parts
        if row[part.column] != 0
    ]
    count, month = finding.noun.count(total, voice.number(total), voice.language), voice.month(scoped.month)
    return Statement(
        voice.say("parts.some" if parts else "parts.none", month=month, count=count, parts=voice.list(parts))
    )


def _share(finding: Share, scoped: Scoped, voice: Voice) -> Statement:
    rows, label = scoped.month_of(finding.table), finding.label.get(voice.language)
    row, month = _one(rows), voice.month(scoped.month)
    for column in (finding.part, finding.whole):
        if row.get(column) is None:
            return _not_there(voice, label, rows, column)
    part, whole = row[finding.part], row[finding.whole]
    whole_text = finding.whole_noun.count(whole, voice.number(whole), voice.language)
    now = share(part, whole)
    if now is None:
        return Statement(voice.say("share.none", month=month, whole=whole_text))

    def percent(of: float) -> str:
        return voice.number(100 * of, PERCENT)

    value = row[finding.percent] if finding.percent is not None else 100 * now.value
    told = voice.say(
        "share.told",
        month=month,
        whole=whole_text,
        part=finding.part_noun.count(part, voice.number(part), voice.language),
        label=label,
        value=voice.number(value, PERCENT),
        low=percent(now.low),
        high=percent(now.high),
    )
    earlier = [r for r in scoped.months(finding.table, 13)[:-1] if None not in (r[finding.part], r[finding.whole])]
    part_before, whole_before = (sum(r[c] for r in earlier) for c in (finding.part, finding.whole))
    change = share_change(part, whole, part_before, whole_before)
    if change is None:
        return Statement(told)
    phrase, verdict = _verdict(change, 0.0)
    text = voice.say(
        "share.change",
        before=percent(part_before / whole_before),
        difference=voice.number(shown(value, PERCENT) - shown(100 * part_before / whole_before, PERCENT), PERCENT),
        low=percent(change.low),
        high=percent(change.high),
        verdict=voice.say(phrase),
    )
    return Statement(voice.join([told, text]), verdict)


def _level(finding: Level, scoped: Scoped, voice: Voice) -> Statement:
    column, form = finding.number.column, finding.number.format
    rows, label = scoped.month_of(finding.table), finding.label.get(voice.language)
    value = _one(rows).get(column)
    if value is None:
        return _not_there(voice, label, rows, column)
    unit = finding.unit.get(voice.language)
    said = {"month": voice.month(scoped.month), "label": label, "value": voice.number(value, form), "unit": unit}
    if finding.against == "year_ago":
        before = _one(scoped.month_of(finding.table, back=12)).get(column)
        if not before:
            return Statement(voice.say("level.no_year_ago", **said))
        difference = shown(value, form) - shown(before, form)
        said |= {
            "before": voice.number(before, form),
            "difference": voice.number(abs(difference), form),
            "percent": voice.number(100 * abs(value - before) / before, PERCENT),
            "direction": voice.say("level.up" if difference > 0 else "level.down"),
        }
        return Statement(voice.say("level.year_ago" if difference else "level.same", **said))
    earlier = [row[column] for row in scoped.months(finding.table, 13)[:-1] if row[column] is not None]
    usual = usual_range(earlier)
    if usual is None:
        return Statement(voice.say("level.no_usual", **said))
    low, high = max(usual[0], 0.0), usual[1] if finding.most is None else min(usual[1], finding.most)
    where = "below" if value < low else "above" if value > high else "within"
    said |= {"low": voice.number(low, form), "high": voice.number(high, form), "verdict": voice.say(f"usual.{where}")}
    return Statement(voice.say("level.usual", **said), "chance" if where == "within" else "beyond")


def _hidden(rows: list[Row], column: str, voice: Voice) -> str:
    hidden = sum(is_withheld(row, column) for row in rows)
    return voice.say("compared.withheld", k=voice.number(hidden)) if hidden else ""


def _outliers(finding: Outliers, scoped: Scoped, voice: Voice) -> Statement:
    rows, label = scoped.below(finding.table), finding.label.get(voice.language)
    known = [r for r in rows if r[finding.events] is not None and r[finding.exposure]]
    hidden = _hidden(rows, finding.events, voice)
    compared = compare_units([r[finding.events] for r in known], [r[finding.exposure] for r in known])
    if not compared:
        return Statement(voice.join([voice.say("compared.few", label=label), hidden])) if rows else Statement("")
    tier = voice.text(published_tables()[finding.table], rows[0], "tier")
    said = {"n": voice.number(len(known)), "tier": tier if voice.language == "zh" else tier.lower(), "label": label}
    named = [
        voice.say(
            "outliers.above" if unit.beyond > 0 else "outliers.below",
            unit=voice.name(known[unit.index]),
            count=finding.noun.count(unit.events, voice.number(unit.events), voice.language),
            expected=voice.number(unit.expected, ",.1f"),
        )
        for unit in compared
        if unit.beyond
    ]
    phrase = "outliers.some" if named else "outliers.chance"
    text = voice.say(phrase, **said, named=voice.list(named, semicolons=True))
    return Statement(voice.join([text, hidden]), "beyond" if named else "chance")


def _pairs(finding: Changes, scoped: Scoped) -> list[tuple[Row, Row]]:
    """Rows of now and a year ago that can be compared."""
    read = scoped.below if finding.across == "unit" else scoped.month_of
    before = {row[finding.across]: row for row in read(finding.table, back=12)}
    pairs = [(row, before[row[finding.across]]) for row in read(finding.table) if row[finding.across] in before]
    return [
        (now, then)
        for now, then in pairs
        if all(row[finding.events] is not None and row[finding.exposure] for row in (now, then))
    ]


def _changes(finding: Changes, scoped: Scoped, voice: Voice) -> Statement:
    label, pairs, table = finding.label.get(voice.language), _pairs(finding, scoped), published_tables()[finding.table]
    read = scoped.below if finding.across == "unit" else scoped.month_of
    rows = read(finding.table)
    if not rows:
        return Statement("")
    hidden = _hidden(rows, finding.events, voice)
    found = []
    for now, then in pairs:
        ratio = rate_ratio(
            now[finding.events], now[finding.exposure], then[finding.events], then[finding.exposure], ALPHA / len(pairs)
        )
        if ratio is not None:
            found.append((ratio, now, then))
    if not found:
        return Statement(voice.join([voice.say("compared.few", label=label), hidden]))
    beyond = [change for change in found if change[0].tells_from(1.0)]
    # Without any, the one that chance explains least.
    chosen = beyond or [min(found, key=lambda change: change[0].by_chance)]
    named = []
    for ratio, now, then in chosen:
        one, other = (
            finding.noun.count(row[finding.events], voice.number(row[finding.events]), voice.language)
            for row in (now, then)
        )
        phrase = "changes.one" if then[finding.events] else "changes.from_none"
        unit = voice.name(now) if finding.across == "unit" else voice.text(table, now, finding.across)
        named.append(voice.say(phrase, unit=unit, now=one, before=other, **voice.ratio(ratio)))
    text = voice.say(
        "changes.beyond" if beyond else "changes.chance",
        label=label,
        n=voice.number(len(pairs)),
        named=voice.list(named, semicolons=True),
    )
    return Statement(voice.join([text, hidden]), "beyond" if beyond else "chance")


def _weakest(finding: Weakest, scoped: Scoped, voice: Voice) -> Statement:
    rows = scoped.rows(finding.table, order="weakness_rank, load_rank, unit")
    month = voice.month(scoped.month)
    if rows and rows[0]["month"] != scoped.month:
        return Statement(voice.say("weakest.other_month", other=voice.month(rows[0]["month"])))
    named = [
        voice.say(
            "weakest.one",
            unit=voice.name(row),
            weak=voice.number(row["weakness_score"]),
            load=voice.number(row["load_score"]),
            reasons=row[f"reasons_{voice.language}"],
        )
        for row in rows[: finding.top]
        if row[f"reasons_{voice.language}"]
    ]
    if not named:
        return Statement(voice.say("weakest.none", month=month))
    return Statement(voice.say("weakest.some", month=month, named=voice.list(named, semicolons=True)))


def _orders(finding: Orders, scoped: Scoped, voice: Voice) -> Statement:
    rows = scoped.rows(finding.table, "status = 'open'", "days_overdue desc, rectification")
    until = scoped.freshness["data_until"]
    day = voice.day(until) if until is not None else voice.month(scoped.month)
    overdue = [row for row in rows if row["overdue"]]
    said = {"day": day, "open": voice.number(len(rows)), "listed": voice.number(sum(row["listed"] for row in rows))}
    if not overdue:
        return Statement(voice.say("orders.in_time", **said))
    said |= {"overdue": voice.number(len(overdue)), "days": voice.number(overdue[0]["days_overdue"])}
    said |= {"unit": voice.name(overdue[0]), "id": overdue[0]["rectification"]}
    return Statement(voice.say("orders.some", **said))


_KINDS: dict[str, Callable[[Any, Scoped, Voice], Statement]] = {
    "rate": _rate,
    "bounds": _bounds,
    "parts": _parts,
    "share": _share,
    "level": _level,
    "outliers": _outliers,
    "changes": _changes,
    "weakest": _weakest,
    "orders": _orders,
}


def state(finding: Finding, scoped: Scoped, voice: Voice) -> Statement:
    """The finding in words; an empty text where it does not apply, as a comparison of units in a facility's report."""
    return _KINDS[finding.kind](finding, scoped, voice)
