"""Recordings of raw movement as the messages that a band would send: one a second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal

from ingestion.contracts import WristbandReading
from ingestion.sources.record import Record, record_of
from ingestion.sources.replay import Place, scene_plan, watermark
from ingestion.sources.wristband.fall import LIMITS, RATE_HZ, Limits, fall_times
from ingestion.sources.wristband.recording import Recording

Motion = Literal["fall", "moving", "still"]

MOVING_G = 0.25
"""A second of more than this on average is movement; a person who lies and breathes has 0.02, one who writes 0.1."""


class Told:
    """What the bands said, for the summary."""

    def __init__(self) -> None:
        self.motions: Counter[str] = Counter()

    def lines(self) -> list[str]:
        """One fact a line."""
        told = [f"{name:<20} {self.motions[name]}" for name in ("fall", "moving", "still")]
        return [f"{'readings':<20} {self.motions.total()}", *told]


class WristReplay:
    """All recordings at once, each of a wearer of its own; the facility is heard for ``after_s`` beyond the last.

    Args:
        recordings: by pseudonym of the wearer.
        after_s: seconds in which no band is heard any more, so that holds can run out.
    """

    def __init__(
        self, recordings: Mapping[str, Recording], where: Place, *, limits: Limits = LIMITS, after_s: int = 0
    ) -> None:
        self.recordings, self.where, self.limits, self.after_s = recordings, where, limits, after_s
        self.counts = Told()

    def __iter__(self) -> Iterator[Record]:
        where = self.where
        yield record_of(scene_plan(where, width=1, height=1, homography=1.0))
        motions = {name: motions_of(one, self.limits) for name, one in self.recordings.items()}
        for told in motions.values():
            self.counts.motions.update(told)
        longest = max((len(told) for told in motions.values()), default=0)
        for second in range(longest):
            for name, told in motions.items():
                if second < len(told):
                    yield record_of(
                        WristbandReading(
                            facility=where.facility,
                            event_time=where.start_ms + second * 1000,
                            device=f"band-{name}",
                            subject=name,
                            worn=True,
                            motion=told[second],
                        )
                    )
        yield watermark(where, where.start_ms + (longest + self.after_s) * 1000)


def motions_of(recording: Recording, limits: Limits) -> list[Motion]:
    """What the band says at the end of each second: ``fall`` once when it is known, else ``moving`` or ``still``."""
    whole = len(recording.acceleration) // RATE_HZ
    mean = recording.acceleration[: whole * RATE_HZ].reshape(whole, RATE_HZ).mean(axis=1)
    told: list[Motion] = ["moving" if moving else "still" for moving in (mean > MOVING_G).tolist()]
    for at_s in fall_times(recording.acceleration, recording.attitude, limits):
        told[min(int(at_s), whole - 1)] = "fall"
    return told
