"""cel-02 and cel-03 on real annotated tracks, beside what the annotations themselves say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ingestion.landing import Withheld
from ingestion.sources.eth import EthReplay
from ingestion.sources.mot import MotReplay
from ingestion.sources.record import Record
from ingestion.sources.replay import DEFAULT_START, Place, place
from tests.support.realdata import realdata
from tests.support.rules import CATALOGUE, altered, catalogue_with
from tests.support.scene import config
from tests.support.simulated import decide, raised
from tests.support.walkers import Interval, Walkers, meets, of_boxes, of_obsmat, overlap

SPEED_LIMIT, RUN_HOLD_S = 3.0, 2.0  # of cel-02
PEOPLE, HOLD_S = 5, 30  # of cel-03
SMALL, SHORT_S = 3, 5  # a crowd that these scenes do have


@dataclass(frozen=True)
class Track:
    """A shared sequence. ``still``: its camera does not move, by the table of the MOT15 paper (Leal-Taixe 2015)."""

    name: str
    fps: float
    still: bool = True

    @property
    def eth(self) -> bool:
        return self.name in ("eth", "hotel")

    def records(self, where: Place) -> Iterable[Record | Withheld]:
        if self.eth:
            return EthReplay(realdata(f"tracks/eth/seq_{self.name}/obsmat.txt"), where)
        return MotReplay(realdata(f"tracks/mot15/{self.name}/gt.txt"), where, fps=self.fps)

    def walkers(self) -> Walkers:
        if self.eth:
            return of_obsmat(realdata(f"tracks/eth/seq_{self.name}/obsmat.txt"), self.fps)
        return of_boxes(realdata(f"tracks/mot15/{self.name}/gt.txt"), self.fps)


TRACKS = (
    Track("eth", 15),
    Track("hotel", 25),
    Track("ADL-Rundle-6", 30),
    Track("KITTI-17", 10),
    Track("TUD-Campus", 25),
    Track("Venice-2", 30),
    Track("ADL-Rundle-8", 30, still=False),
    Track("ETH-Bahnhof", 14, still=False),
    Track("ETH-Pedcross2", 14, still=False),
    Track("ETH-Sunnyday", 14, still=False),
    Track("KITTI-13", 10, still=False),
)


def alerts(track: Track, **crowd: float) -> list[dict[str, Any]]:
    """Violations on a sequence, with ``begin`` and ``end`` in s of the film; ``crowd``: other thresholds of cel-03."""
    where = place("990101", "cam", DEFAULT_START)
    records = [r for r in track.records(where) if isinstance(r, Record)]
    settings = config()
    if crowd:
        dated = CATALOGUE["cel-03"].model_dump(mode="json", by_alias=True)["parameters"]
        other = {name: [{**dated[name][0], "value": value}] for name, value in crowd.items()}
        settings = replace(settings, catalogue=catalogue_with(altered("cel-03", parameters=dated | other)))
    out = decide(records, where.start_ms + 86_400_000, settings)
    assert not out.quarantine, out.quarantine[0]["detail"]
    ended = {a["alert_id"]: a["cleared"] for a in out.alert if a["step"] == "cleared"}
    last = max(row["clock"] for row in out.ledger)

    def seconds(moment: int) -> float:
        return (moment - where.start_ms) / 1000

    return [
        {**a, "begin": seconds(a["onset"]), "end": seconds(ended.get(a["alert_id"], last))}
        for a in raised(out)
        if a["rule"] in ("cel-02", "cel-03")
    ]


@dataclass(frozen=True)
class Running:
    """``true``: runners by the annotations; found, missed, wrong: whom the rule named of them, did not, and others."""

    true: dict[int, Interval]
    found: list[int]
    missed: list[int]
    wrong: list[int]


def running(walkers: Walkers, of_rules: list[dict[str, Any]]) -> Running:
    """cel-02 person by person."""
    true = walkers.runners(SPEED_LIMIT, RUN_HOLD_S)
    named = {int(s.rpartition("/")[2]) for a in of_rules if a["rule"] == "cel-02" for s in a["subjects"]}
    return Running(true, sorted(named & set(true)), sorted(set(true) - named), sorted(named - set(true)))


@dataclass(frozen=True)
class Crowding:
    """Intervals by the annotations and by the rule, in s of the film; ``iou``: overlap in time."""

    true: list[Interval]
    found: list[Interval]
    iou: float
    missed: list[Interval]
    wrong: list[Interval]


def crowding(true: list[Interval], of_rules: list[dict[str, Any]]) -> Crowding:
    """cel-03 interval by interval."""
    found = [(a["begin"], a["end"]) for a in of_rules if a["rule"] == "cel-03"]
    return Crowding(
        true,
        found,
        overlap(found, true),
        [one for one in true if not meets(one, found)],
        [one for one in found if not meets(one, true)],
    )


def say(print_: Callable[[str], None]) -> None:
    """The table of both rules on all sequences."""
    print_(f"{'sequence':14} {'people':>6} {'p50':>5} {'p99':>5} {'max':>5} m/s  {'cel-02':39} cel-03")
    for track in TRACKS:
        walkers, found = track.walkers(), alerts(track)
        p50, p99, most = (f"{v:.2f}" if track.still else "-" for v in np.nanpercentile(walkers.speed, [50, 99, 100]))
        ran = running(walkers, found)
        crowd = crowding(walkers.crowds(PEOPLE, HOLD_S) if track.still else [], found)
        verdict = f"true {len(crowd.true)} alerts {len(crowd.found)}" + ("" if track.still else " (camera moves)")
        print_(
            f"{track.name:14} {walkers.people:6} {p50:>5} {p99:>5} {most:>5}      "
            f"ran {list(ran.true) if track.still else '-'} found {ran.found} wrong {ran.wrong}".ljust(82)
            + verdict
        )
    print_(f"\ncel-03 set to {SMALL} people for {SHORT_S} s, cameras that do not move")
    for track in (t for t in TRACKS if t.still):
        small = crowding(track.walkers().crowds(SMALL, SHORT_S), alerts(track, people=SMALL, hold_s=SHORT_S))
        print_(f"{track.name:14} true {_said(small.true)} found {_said(small.found)} overlap {small.iou:.2f}")


def _said(intervals: list[Interval]) -> str:
    return ", ".join(f"{a:.1f}-{b:.1f}" for a, b in intervals) or "none"
