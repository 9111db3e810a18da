"""hlt-03 on HIFD, leaving one person out: limits are chosen on the other persons and judged on the one left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from scipy.stats import binomtest

from batch_jobs.marts.seeds import garwood_limits
from ingestion.sources.replay import DEFAULT_START, place
from ingestion.sources.wristband import Blow, Limits, Recording, WristReplay, blows, read_recording
from tests.support.realdata import realdata
from tests.support.simulated import decide, raised

IMPACTS_G = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
STILL_G = (0.02, 0.03, 0.05, 0.08, 0.12)
TILTS_DEG = (0.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 50.0, 60.0)
AFTER_S = 20  # the facility is heard for so long after a recording, so that the rule's hold of 15 s can run out


@dataclass(frozen=True)
class Take:
    """One recording of a person, with its blows by the impact that counts as one."""

    person: str
    scenario: str
    recording: Recording
    blows: dict[float, list[Blow]]

    @property
    def is_fall(self) -> bool:
        return self.scenario.startswith("fall")

    def called(self, limits: Limits) -> bool:
        """Whether a fall is found anywhere in it."""
        return any(limits.is_fall(b) for b in self.blows[limits.impact_g])


@dataclass(frozen=True)
class Score:
    """A person left out. ``missed`` and ``wrong``: scenarios, by the detector; ``rule_*``: counts by hlt-03."""

    person: str
    limits: Limits
    falls: int
    missed: list[str]
    wrong: list[str]
    other_s: float
    rule_found: int
    rule_wrong: int


def takes() -> list[Take]:
    """All recordings of the shared data."""
    found = []
    for path in sorted(realdata("sensors/wrist_fall").glob("subject_*/*/*.mat")):
        one = read_recording(path)
        seen = {impact: blows(one.acceleration, one.attitude, impact) for impact in IMPACTS_G}
        found.append(Take(path.parts[-3], path.stem, one, seen))
    return found


def chosen(of: Sequence[Take]) -> Limits:
    """The limits with the fewest errors; of equals those with fewest false ones, then the first of the grid."""

    def errors(limits: Limits) -> tuple[int, int]:
        wrong = sum(t.called(limits) for t in of if not t.is_fall)
        return wrong + sum(not t.called(limits) for t in of if t.is_fall), wrong

    return min((Limits(*values) for values in product(IMPACTS_G, STILL_G, TILTS_DEG)), key=errors)


def leave_one_out(all_takes: Sequence[Take]) -> list[Score]:
    """Every person's score under limits that were chosen without that person."""
    scores = []
    for person in sorted({t.person for t in all_takes}):
        own = [t for t in all_takes if t.person == person]
        limits = chosen([t for t in all_takes if t.person != person])
        alerted = by_rule(own, limits)
        falls = {t.scenario for t in own if t.is_fall}
        scores.append(
            Score(
                person,
                limits,
                len(falls),
                [t.scenario for t in own if t.is_fall and not t.called(limits)],
                [t.scenario for t in own if not t.is_fall and t.called(limits)],
                sum(t.recording.seconds for t in own if not t.is_fall),
                len(alerted & falls),
                len(alerted - falls),
            )
        )
    return scores


def by_rule(own: Iterable[Take], limits: Limits) -> set[str]:
    """Scenarios of a person in which hlt-03 as it is raises an alert."""
    where = place("990106", "band", DEFAULT_START)
    replay = WristReplay({t.scenario: t.recording for t in own}, where, limits=limits, after_s=AFTER_S)
    out = decide(replay, where.start_ms + 86_400_000)
    assert not out.quarantine, out.quarantine[0]["detail"]
    return {subject for alert in raised(out) if alert["rule"] == "hlt-03" for subject in alert["subjects"]}


def share(count: int, of: int) -> str:
    """A share with its exact (Clopper-Pearson) 95 % interval."""
    interval = binomtest(count, of).proportion_ci()
    return f"{count / of:.2f} ({interval.low:.2f} to {interval.high:.2f})"


def rate(count: int, hours: float) -> str:
    """Events an hour with their exact (Garwood) 95 % interval."""
    low, high = garwood_limits(count)
    return f"{count / hours:.1f} ({low / hours:.1f} to {high / hours:.1f})"


def say(print_: Callable[[str], None]) -> None:
    """The table per person and pooled."""
    everybody = takes()
    scores = leave_one_out(everybody)
    print_(
        f"{'left out':12} {'impact':>6} {'still':>6} {'tilt':>5} {'falls':>5} {'found':>5} {'false':>5} "
        f"{'hours':>6} {'hlt-03 found':>13} {'false':>5}  what"
    )
    for s in scores:
        wrongly = ", ".join([*(f"missed {one}" for one in s.missed), *(f"false {one}" for one in s.wrong)])
        print_(
            f"{s.person:12} {s.limits.impact_g:6.1f} {s.limits.still_g:6.2f} {s.limits.tilt_deg:5.0f} {s.falls:5} "
            f"{s.falls - len(s.missed):5} {len(s.wrong):5} {s.other_s / 3600:6.3f} {s.rule_found:13} "
            f"{s.rule_wrong:5}  {wrongly}"
        )
    falls, hours = sum(s.falls for s in scores), sum(s.other_s for s in scores) / 3600
    found, wrong = falls - sum(len(s.missed) for s in scores), sum(len(s.wrong) for s in scores)
    print_(f"detector: recall {share(found, falls)}, false alarms an hour {rate(wrong, hours)} in {hours:.2f} h")
    found, wrong = sum(s.rule_found for s in scores), sum(s.rule_wrong for s in scores)
    print_(f"hlt-03:   recall {share(found, falls)}, false alarms an hour {rate(wrong, hours)}")
    print_(f"chosen on all: {chosen(everybody)}")
