"""Hold, clear and cooldown of every rule for every entity, as arrays.

A timer's cell belongs to one entity and one rule. Times are whole seconds of event time; NEVER
stands for "not running". Nothing here loops over entities or rules.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streaming_jobs.kernel.predicates import TRUE, UNKNOWN, Bytes, Compiled

NEVER = np.int64(-1)
Longs = npt.NDArray[np.int64]
FIELDS = ("since", "last_true", "raised", "unknown_since", "blind", "quiet_until")


@dataclass
class Timers:
    """Timer cells of a grain, all of shape (E, R), int64 seconds or NEVER.

    ``since``: first second of the running hold. ``last_true``: last second in which the condition
    was true. ``raised``: onset of the open alert. ``unknown_since``: first second of the running
    unknown condition. ``blind``: onset of the open `unobservable` alert. ``quiet_until``: end of
    the cooldown.
    """

    since: Longs
    last_true: Longs
    raised: Longs
    unknown_since: Longs
    blind: Longs
    quiet_until: Longs

    @classmethod
    def empty(cls, entities: int, rules: int) -> Timers:
        return cls(*(np.full((entities, rules), NEVER) for _ in FIELDS))

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Timers:
        """The cells of some entities, copied."""
        return Timers(*(getattr(self, name)[rows] for name in FIELDS))

    def put(self, rows: npt.NDArray[np.intp], cells: Timers) -> None:
        """Write back what :meth:`take` gave."""
        for name in FIELDS:
            getattr(self, name)[rows] = getattr(cells, name)

    def running(self) -> npt.NDArray[np.bool_]:
        """Entities (E,) for which something is held, raised or unobservable: they need a verdict each second."""
        on = (self.since != NEVER) | (self.raised != NEVER) | (self.unknown_since != NEVER) | (self.blind != NEVER)
        return np.asarray(on.any(axis=1), dtype=np.bool_)


@dataclass(frozen=True)
class Transitions:
    """What changed in a second: rows (entity, rule), with onset and end where there is one."""

    raised: npt.NDArray[np.intp]  # (n, 2)
    raised_onset: Longs  # (n,)
    cleared: npt.NDArray[np.intp]
    cleared_onset: Longs
    cleared_at: Longs
    blinded: npt.NDArray[np.intp]
    blinded_onset: Longs
    sighted: npt.NDArray[np.intp]
    sighted_onset: Longs

    @property
    def any(self) -> bool:
        return bool(len(self.raised) or len(self.cleared) or len(self.blinded) or len(self.sighted))


def advance(compiled: Compiled, timers: Timers, verdict: Bytes, second: int) -> Transitions:
    """Move the timers (in place) on by the verdicts of one second.

    A hold begins with the first true second and goes on over up to ``gap`` seconds of unknown and
    ``lapse`` seconds of false; a false second beyond that ends it. An alert is raised when the
    condition has held for ``hold`` seconds (true at ``onset`` and still true ``hold`` seconds later),
    and cleared when it was not true for more than ``clear_after`` seconds; the alert's end is the
    first second after it was last true.

    Args:
        verdict: (E, R) from :func:`streaming_jobs.kernel.predicates.evaluate`.
        second: event time in whole seconds since 1970.
    """
    true = verdict == TRUE
    timers.since[true & (timers.since == NEVER)] = second
    timers.last_true[true] = second
    late = second - timers.last_true
    borne = np.where(verdict == UNKNOWN, np.maximum(compiled.gap, compiled.lapse), compiled.lapse)
    broken = ~true & (timers.since != NEVER) & (late > borne)
    timers.since[broken] = NEVER

    fire = true & (timers.raised == NEVER) & (second - timers.since >= compiled.hold) & (second >= timers.quiet_until)
    raised, raised_onset = _cells(fire, timers.since)
    timers.raised[fire] = raised_onset

    ended = (timers.raised != NEVER) & ~true & (late > compiled.clear_after)
    cleared, cleared_onset = _cells(ended, timers.raised)
    cleared_at = timers.last_true[ended] + 1
    timers.quiet_until[ended] = (second + compiled.cooldown[cleared[:, 1]]).astype(np.int64)
    timers.raised[ended] = NEVER

    unknown = (verdict == UNKNOWN) & compiled.watched
    timers.unknown_since[unknown & (timers.unknown_since == NEVER)] = second
    timers.unknown_since[~unknown] = NEVER
    blinding = unknown & (timers.blind == NEVER) & (second - timers.unknown_since >= compiled.unobservable_after)
    blinded, blinded_onset = _cells(blinding, timers.unknown_since)
    timers.blind[blinding] = blinded_onset
    seeing = (timers.blind != NEVER) & ~unknown
    sighted, sighted_onset = _cells(seeing, timers.blind)
    timers.blind[seeing] = NEVER
    return Transitions(
        raised, raised_onset, cleared, cleared_onset, cleared_at, blinded, blinded_onset, sighted, sighted_onset
    )


_NO_CELLS, _NO_TIMES = np.zeros((0, 2), dtype=np.intp), np.zeros(0, dtype=np.int64)


def _cells(chosen: npt.NDArray[np.bool_], times: Longs) -> tuple[npt.NDArray[np.intp], Longs]:
    """Where ``chosen`` (E, R) holds, (n, 2), and the times there (n,). Mostly it holds nowhere."""
    if not chosen.any():
        return _NO_CELLS, _NO_TIMES
    return np.argwhere(chosen), times[chosen]
