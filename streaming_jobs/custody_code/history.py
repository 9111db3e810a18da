"""What held when: the history of a stay's code from its ledger, as known at any moment.

The points of the entries that count propose a level, with hysteresis. A proposal of green or yellow is
followed by itself; red is entered by a named officer's decision only, and left by a decision or when the
code expires. A confirmation holds only while the ledger proposes that level: where an appeal takes its
ground away, the history is told without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from streaming_jobs.catalogue.custody_code import Clock, CodeRules, Proposals
from streaming_jobs.custody_code.ledger import DAY_S, Decision, Entry, Ledger

Day = Callable[[int], date]
"""The local day of a second."""


@dataclass(frozen=True)
class Period:
    """The code from ``at_s`` until the next period. Times in s; ``act``, ``by``, ``ground``: what led to it."""

    at_s: int
    level: str
    proposed: str
    points: float
    due_s: int
    expires_s: int
    overdue: bool
    act: str = ""
    by: str = ""
    ground: str = ""


def points_at(rules: CodeRules, ledger: Ledger, at_s: int, known_s: int, day: Day) -> float:
    """Sum of the points of the entries that count at a second, by the rules in force when they happened."""
    total = 0.0
    for entry in ledger.entries:
        begun = entry.counted_from(known_s)
        rule = rules.rule(entry.rule)
        if begun is not None and rule is not None and begun <= at_s < entry.counted_until(rules):
            weight = rule.on(day(entry.happened_s))
            total += weight.points if weight is not None else 0.0
    return round(total, 2)


def proposal(cuts: Proposals, points: float, before: str) -> str:
    """The level that points propose: entered at ``up``, left below ``down``."""
    if cuts.red.holds(points, before == "red"):
        return "red"
    return "yellow" if cuts.yellow.holds(points, before != "green") else "green"


def marks_of(rules: CodeRules, ledger: Ledger, known_s: int) -> dict[int, tuple[str, str]]:
    """Seconds at which something about the ledger changes, with the act and who answers for it."""
    marks: dict[int, tuple[str, str]] = {}
    for entry in ledger.entries:
        if entry.known_s > known_s:
            continue
        marks[entry.known_s] = (entry.entry, entry.by)
        marks.setdefault(entry.counted_until(rules), ("", ""))
        lapses = entry.lapses_s(rules)
        if lapses is not None and not any(a.known_s <= known_s for a in entry.answers):
            marks.setdefault(lapses, ("", ""))
        marks |= {a.known_s: (entry.entry, a.by) for a in entry.answers if a.known_s <= known_s}
        marks |= {a.known_s: (a.appeal, a.by) for a in entry.appeals if a.known_s <= known_s}
    return marks


def history(rules: CodeRules, ledger: Ledger, known_s: int, until_s: int, day: Day) -> list[Period]:
    """The periods from the beginning of the stay to a second, as known at a second; ascending, never empty."""
    marks = marks_of(rules, ledger, known_s)
    decisions = [d for d in ledger.decisions if d.at_s <= known_s]
    if ledger.closed_s:
        until_s = min(until_s, ledger.closed_s)
    review, expires = _clock(rules, "green")
    found = [Period(ledger.begun_s, "green", "green", 0.0, ledger.begun_s + review, ledger.begun_s + expires, False)]
    seconds = sorted({*marks, *(d.at_s for d in decisions)})
    while True:
        now = found[-1]
        waiting = [now.due_s] if not now.overdue else []
        waiting += [now.expires_s] if now.level != "expired" else []
        at_s = min([*waiting, *seconds[:1]], default=until_s + 1)
        if at_s > until_s:
            return found
        after = now
        if seconds and seconds[0] == at_s:
            seconds.pop(0)
            act, by = marks.get(at_s, ("", ""))
            after = _follow(rules, after, at_s, points_at(rules, ledger, at_s, known_s, day))
            after = replace(after, act=act, by=by, ground="")
            for decision in (d for d in decisions if d.at_s == at_s):
                after = _decide(rules, after, decision)
        else:
            after = replace(after, act="", by="", ground="")
        after = replace(after, at_s=max(at_s, now.at_s), overdue=at_s >= after.due_s)
        if after.level != "expired" and at_s >= after.expires_s:
            after = replace(after, level="expired")
        found.append(after)


def _clock(rules: CodeRules, level: str) -> tuple[int, int]:
    """Seconds until a level is to be reviewed, and until it ends without a review."""
    clock: Clock = getattr(rules.clocks, level)
    return int(clock.review_d * DAY_S), int(clock.expires_d * DAY_S)


def _follow(rules: CodeRules, now: Period, at_s: int, points: float) -> Period:
    """The period after the points changed: the proposal follows them, and green and yellow follow it."""
    proposed = proposal(rules.proposals, points, now.proposed)
    after = replace(now, points=points, proposed=proposed)
    if proposed == now.proposed or now.level == "expired":
        return after
    if now.level == "red":
        # What the ledger does not propose any more is to be looked at now.
        return replace(after, due_s=min(after.due_s, at_s))
    level = "yellow" if proposed == "red" else proposed
    if level == now.level:
        return after
    review, expires = _clock(rules, level)
    # A move by itself is no review: it may bring the next one nearer, never put it off.
    return replace(
        after, level=level, due_s=min(after.due_s, at_s + review), expires_s=min(after.expires_s, at_s + expires)
    )


def _decide(rules: CodeRules, now: Period, decision: Decision) -> Period:
    """The period after an officer's decision; a confirmation of what is not proposed, and a review of another level
    than that in force, change nothing."""
    if decision.action == "confirm" and decision.level != now.proposed:
        return now
    if decision.action == "review" and decision.level != now.level:
        return now
    review, expires = _clock(rules, decision.level)
    return replace(
        now,
        level=decision.level,
        due_s=decision.at_s + review,
        expires_s=decision.at_s + expires,
        act=decision.decision,
        by=decision.by,
        ground=decision.ground,
    )


def next_change(rules: CodeRules, ledger: Ledger, last: Period, second: int) -> int:
    """The next second at which time alone changes the code; 0 for none."""
    if ledger.closed_s:
        return 0
    times = [s for s in marks_of(rules, ledger, second) if s > second]
    times += [last.due_s] if not last.overdue else []
    times += [last.expires_s] if last.level != "expired" else []
    return min(times, default=0)


def entries_at(rules: CodeRules, ledger: Ledger, at_s: int, known_s: int, day: Day) -> list[dict[str, object]]:
    """The entries of a stay up to a second, as known at another; times in ms."""
    shown: list[dict[str, object]] = []
    for entry in sorted(ledger.entries, key=lambda e: (e.known_s, e.entry)):
        if entry.known_s <= at_s and entry.known_s <= known_s:
            shown.append(_shown(rules, entry, at_s, known_s, day))
    return shown


def _shown(rules: CodeRules, entry: Entry, at_s: int, known_s: int, day: Day) -> dict[str, object]:
    rule = rules.rule(entry.rule)
    weight = None if rule is None else rule.on(day(entry.happened_s))
    answered = [a.by for a in entry.answers if a.known_s <= min(at_s, known_s)]
    return {
        "entry": entry.entry,
        "rule": entry.rule,
        "points": 0.0 if weight is None else weight.points,
        "source": "" if weight is None else weight.source,
        "happened": entry.happened_s * 1000,
        "entered": entry.known_s * 1000,
        "until": entry.counted_until(rules) * 1000,
        "state": entry.state(rules, at_s, known_s),
        "appeal": entry.appeal_state(known_s),
        "origin": entry.origin,
        "reference": entry.reference,
        "by": answered[-1] if answered else entry.by,
        "zh": "" if rule is None else rule.text.zh,
        "en": "" if rule is None else rule.text.en,
    }
