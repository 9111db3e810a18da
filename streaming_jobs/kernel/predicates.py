"""Rules of one grain as arrays, and their evaluation for all entities at once.

Three-valued logic (Kleene): FALSE < UNKNOWN < TRUE, so that a conjunction is the minimum, a
disjunction the maximum over its parts, and costs the same whatever rules they belong to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from streaming_jobs.catalogue.model import Predicate, Rule
from streaming_jobs.features.feature import Grain
from streaming_jobs.features.registry import COLUMNS

FALSE, UNKNOWN, TRUE = np.int8(0), np.int8(1), np.int8(2)
DAY_MINUTES = 1440

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]

# Every comparison becomes `sign * value > limit`, so that one array operation serves all predicates
# of all rules; the few (in)equalities are put right afterwards.
_SIGN = {">": 1.0, ">=": 1.0, "<": -1.0, "<=": -1.0, "==": 1.0, "!=": 1.0}
_NEGATED = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}


@dataclass(frozen=True)
class Groups:
    """Consecutive rows of a matrix that are joined into one row a group.

    ``first``: first row of each group (G,). ``more``: for each further place in a group, the groups that
    have it, and their rows there. So a join takes as many steps as the longest group has rows, each over
    all groups at once; NumPy's own ``reduceat`` goes byte by byte and takes several times as long.
    """

    first: npt.NDArray[np.intp]
    more: tuple[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]], ...]

    @classmethod
    def of(cls, sizes: list[int]) -> Groups:
        """Args: sizes: rows of each group, at least one."""
        size = np.array(sizes, dtype=np.intp)
        first = np.cumsum(size) - size
        longer = [np.flatnonzero(size > place) for place in range(1, int(size.max(initial=1)))]
        return cls(first, tuple((groups, first[groups] + place) for place, groups in enumerate(longer, 1)))

    def joined(self, by: Callable[[Bytes, Bytes], Bytes], rows: Bytes) -> Bytes:
        """Rows (G, E) out of the rows of all groups, joined by NumPy's maximum or minimum."""
        found: Bytes = rows[self.first]
        for groups, row in self.more:
            found[groups] = by(found[groups], rows[row])
        return found


@dataclass(frozen=True)
class Compiled:
    """The rules of one grain for one profile on one day.

    Shapes: K predicates, Q of them (in)equalities, C clauses, R rules. A clause holds if one of its
    predicates does, a rule if all its clauses do: ``clauses`` groups the predicates, ``conjunctions`` the
    clauses.
    """

    grain: Grain
    rules: tuple[Rule, ...]
    column: npt.NDArray[np.intp]  # (K,) column in the feature matrix
    sign: Floats  # (K, 1)
    limit: Floats  # (K, 1) multiplied by the sign; the next smaller number where the limit itself is enough
    equal: npt.NDArray[np.intp]  # (Q,) which predicates are == or !=
    negated: npt.NDArray[np.bool_]  # (Q, 1) which of these are !=
    clauses: Groups  # K to C
    conjunctions: Groups  # C to R
    hold: Floats  # (R,) s
    gap: Floats  # (R,) s
    lapse: Floats  # (R,) s
    clear_after: Floats  # (R,) s
    cooldown: Floats  # (R,) s
    unobservable_after: Floats  # (R,) s, infinity where it is not recorded
    watched: npt.NDArray[np.bool_]  # (R,) unobservable time is recorded
    in_force: npt.NDArray[np.bool_]  # (1440, R) by local minute of the day


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _schedule(rule: Rule) -> npt.NDArray[np.bool_]:
    mask = np.full(DAY_MINUTES, not rule.schedule)
    for window in rule.schedule:
        begin, end = _minutes(window.from_), _minutes(window.to)
        if begin < end:
            mask[begin:end] = True
        else:
            mask[begin:] = True
            mask[:end] = True
    return mask


def clauses(rule: Rule) -> list[list[Predicate]]:
    """A rule as a conjunction of disjunctions: each of ``when``, ``any`` as one, the negations of ``unless``."""
    negated = [p.model_copy(update={"op": _NEGATED[p.op]}) for p in rule.unless]
    return [*([p] for p in rule.when), *([rule.any] if rule.any else []), *([p] for p in negated)]


def compile_rules(rules: tuple[Rule, ...], grain: Grain, profile: str, on: date) -> Compiled:
    """Compile the rules of a grain.

    Raises:
        ValueError: a parameter without a value on that day.
    """
    chosen = tuple(r for r in rules if r.grain == grain and r.mode != "disabled")
    of_rules = [clauses(rule) for rule in chosen]
    predicates = [(rule, p) for rule, found in zip(chosen, of_rules, strict=True) for clause in found for p in clause]
    operators = [p.op for _, p in predicates]
    sign = np.array([_SIGN[op] for op in operators], dtype=np.float64)
    limit = sign * np.array([rule.parameter(p.value, profile, on)[0] for rule, p in predicates], dtype=np.float64)
    limit = np.where(np.isin(operators, (">=", "<=")), np.nextafter(limit, -np.inf), limit)
    equal = np.array([i for i, op in enumerate(operators) if op in ("==", "!=")], dtype=np.intp)
    return Compiled(
        grain=grain,
        rules=chosen,
        column=np.array([COLUMNS[grain][p.feature] for _, p in predicates], dtype=np.intp),
        sign=sign[:, None],
        limit=limit[:, None],
        equal=equal,
        negated=np.array([operators[i] == "!=" for i in equal], dtype=np.bool_)[:, None],
        clauses=Groups.of([len(clause) for found in of_rules for clause in found]),
        conjunctions=Groups.of([len(found) for found in of_rules]),
        hold=np.array([rule.parameter(rule.hold, profile, on)[0] for rule in chosen], dtype=np.float64),
        gap=np.array([rule.gap for rule in chosen], dtype=np.float64),
        lapse=np.array([rule.lapse for rule in chosen], dtype=np.float64),
        clear_after=np.array([rule.clear_after for rule in chosen], dtype=np.float64),
        cooldown=np.array([rule.cooldown for rule in chosen], dtype=np.float64),
        unobservable_after=np.array(
            [np.inf if rule.unobservable_after is None else rule.unobservable_after for rule in chosen],
            dtype=np.float64,
        ),
        watched=np.array([rule.unobservable_after is not None for rule in chosen], dtype=np.bool_),
        in_force=np.stack([_schedule(rule) for rule in chosen], axis=1)
        if chosen
        else np.zeros((DAY_MINUTES, 0), dtype=np.bool_),
    )


def evaluate(compiled: Compiled, features: Floats, minute: int) -> Bytes:
    """Verdict of each rule for each entity.

    Args:
        compiled: R rules with K predicates.
        features: (E, F) matrix of the grain, NaN where not observable.
        minute: local minute of the day, 0 to 1439.

    Returns:
        (E, R) of FALSE, UNKNOWN, TRUE. A rule outside its schedule is FALSE.
    """
    if not compiled.rules or not len(features):
        return np.zeros((len(features), len(compiled.rules)), dtype=np.int8)
    # One row a predicate: rows are then copied and joined whole, which is what NumPy is fast at.
    value = np.ascontiguousarray(features.T)[compiled.column]
    value *= compiled.sign  # in place: a second matrix of this size would cost more than all that follows
    true = value > compiled.limit
    if len(compiled.equal):
        true[compiled.equal] = (value[compiled.equal] == compiled.limit[compiled.equal]) ^ compiled.negated
    unknown = np.isnan(value)
    true &= ~unknown  # NaN differs from everything
    verdict = (true.view(np.int8) << 1) | unknown.view(np.int8)
    verdict = compiled.conjunctions.joined(np.minimum, compiled.clauses.joined(np.maximum, verdict))
    scheduled: Bytes = verdict.T * compiled.in_force[minute]
    return scheduled
