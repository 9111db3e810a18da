"""What is simulated: sizes, times, noise, incidents, and the seed everything follows from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from infra.settings import UserError
from ingestion.contracts import content_id
from ingestion.sources.simulator.noise import Noise

TIMEZONE = "Asia/Shanghai"
LOCAL = ZoneInfo(TIMEZONE)
DEFAULT_START = datetime(2026, 11, 23, 20, 50, tzinfo=LOCAL)
"""An evening: roll call at 21:00, rounds at 21:00 and 21:30, a change of shift, visits and interrogations."""

PROVINCES = (("33", "Eastern Province", "东部省"), ("44", "Southern Province", "南部省"))
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Place:
    """A facility of the simulated country."""

    facility: str
    city: str
    index: int
    """Position in the country, 0 for the first."""


@dataclass(frozen=True)
class Scenario:
    """Everything the simulator depends on; equal scenarios give equal records, byte for byte.

    Raises:
        UserError: a size, time or choice that cannot be simulated.
    """

    seed: int = 7
    provinces: int = 2
    cities_per_province: int = 2
    facilities_per_city: int = 2
    months: int = 24
    start: datetime = field(default=DEFAULT_START)
    live_facilities: int = 2
    live_seconds: int = 3600
    detainees: int = 60
    fps: float = 2.0
    noise: Noise = field(default=Noise())
    incidents: str | float = "each"
    quiet: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (
            ("provinces", 1, 30),
            ("cities_per_province", 1, 60),
            ("facilities_per_city", 1, 60),
            ("months", 1, 240),
            ("live_facilities", 0, self.provinces * self.cities_per_province * self.facilities_per_city),
            ("live_seconds", 1, 7 * 86_400),
            ("detainees", 6, 3000),
            ("fps", 0.01, 60),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise UserError(
                    f"{name} is {value}", where="scenario", do=f"give a number from {low} to {high} for {name}"
                )
        if self.start.tzinfo is None:
            raise UserError("start has no time zone", where="scenario", do="give e.g. 2026-11-23T20:50:00+08:00")
        if isinstance(self.incidents, str) and self.incidents not in ("none", "each"):
            raise UserError(
                f"incidents is {self.incidents!r}",
                where="scenario",
                do="say none, each, or a number of incidents an hour and facility",
            )
        if not isinstance(self.incidents, str) and self.incidents < 0:
            raise UserError("a negative rate of incidents", where="scenario", do="give 0 or more an hour")

    @property
    def start_ms(self) -> int:
        return int(self.start.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.live_seconds * 1000

    @property
    def local_start(self) -> datetime:
        return self.start.astimezone(LOCAL)

    def second_of_day(self, t: float) -> float:
        """Local second of the day, ``t`` seconds after the start."""
        local = self.local_start
        return (local.hour * 3600 + local.minute * 60 + local.second + t) % 86_400

    def next_time(self, hour: int, minute: int) -> float:
        """Seconds from the start to the next local ``hour:minute``, 0 or more."""
        return (hour * 3600 + minute * 60 - self.second_of_day(0)) % 86_400

    def rng(self, *parts: object) -> np.random.Generator:
        """The random numbers of one part of the simulation: independent of the order in which parts are made."""
        digest = content_id(self.seed, *parts)
        return np.random.default_rng(int(digest[:16], 16))

    @property
    def places(self) -> list[Place]:
        """All facilities, in the order of their ids."""
        found: list[Place] = []
        for province in range(self.provinces):
            for city in range(self.cities_per_province):
                code = f"{province_code(province)}{city + 1:02d}"
                for number in range(self.facilities_per_city):
                    found.append(Place(f"{code}{number + 1:02d}", code, len(found)))
        return found

    @property
    def live_places(self) -> list[Place]:
        """Facilities that post live events."""
        return self.places[: self.live_facilities]

    @property
    def known_at(self) -> datetime:
        """The day on which the registers are read: the live part's start, in UTC."""
        return self.start.astimezone(UTC)


def province_code(index: int) -> str:
    """Code of the n-th province; the first two are fixed, the others follow in order."""
    if index < len(PROVINCES):
        return PROVINCES[index][0]
    others = [str(n) for n in range(50, 90) if str(n) not in {p[0] for p in PROVINCES}]
    return others[index - len(PROVINCES)]


def subject_of(scenario: Scenario, facility: str, kind: str, number: int) -> str:
    """Pseudonym of a person: the registers and the live events of a scenario name the same people alike."""
    return f"{kind}{content_id(scenario.seed, facility, kind, number)[:11]}"
