"""How a facility receives visitors, as data: rooms, hours, officers who accompany, what a measure stops."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Literal, Self, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.appointments.words import Kind, Measures
from infra.settings import UserError, line_of, read_yaml

DEFAULT = Path(__file__).with_name("plan.yaml")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_NAME = Field(min_length=1, max_length=64)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Room(_Strict):
    """A room for one meeting at a time. ``screen``: the visitor is not in it; he speaks over a screen."""

    zone: str = _NAME
    kinds: list[Kind] = Field(min_length=1)
    area: str = _NAME
    contact: bool = False
    visitors: int = Field(ge=1, le=20)
    screen: bool = False


class Area(_Strict):
    """Where people of several rooms wait, and for how many visitors it is enough."""

    people: int = Field(ge=1)


class Hours(_Strict):
    """Opening hours of some kinds on some days of the week, in local time."""

    kinds: list[Kind] = Field(min_length=1)
    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(min_length=1)
    opens: str = Field(pattern=_TIME)
    closes: str = Field(pattern=_TIME)


class KindPlan(_Strict):
    """How a kind of visit is received. ``escalates``: never refused for want of room; a person must find one."""

    minutes: int = Field(ge=5, le=480)
    escort: bool
    escalates: bool


class Plan(_Strict):
    """A facility's plan. ``arrange_ms``: by when after the request a lawyer must be met; rule int-10 says it."""

    timezone: str
    step_minutes: int = Field(ge=5, le=240)
    notice_minutes: int = Field(ge=0, le=2880)
    horizon_days: int = Field(ge=1, le=60)
    early_minutes: int = Field(ge=0, le=120)
    late_minutes: int = Field(ge=1, le=240)
    lead_minutes: int = Field(ge=0, le=120)
    remind_minutes: int = Field(ge=0, le=10_080)
    call_minutes: int = Field(default=60, ge=0, le=1440)
    closed: list[date] = []
    kinds: dict[Kind, KindPlan]
    hours: list[Hours] = Field(min_length=1)
    areas: dict[str, Area]
    rooms: list[Room] = Field(min_length=1)
    escorts: list[str] = []
    measures: dict[Measures, list[Kind]]
    arrange_ms: int = 48 * 3_600_000

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.timezone not in available_timezones():
            raise ValueError(f"no time zone {self.timezone!r}")
        names = [room.zone for room in self.rooms]
        if len(set(names)) < len(names) or len(set(self.escorts)) < len(self.escorts):
            raise ValueError("a room or an officer is named twice")
        if unknown := {room.area for room in self.rooms} - set(self.areas):
            raise ValueError(f"no area {min(unknown)!r} among areas")
        for what, known in (("kinds", set(self.kinds) ^ set(get_args(Kind))),
                            ("measures", set(self.measures) ^ set(get_args(Measures)))):  # fmt: skip
            if known:
                raise ValueError(f"{what} must say what holds for {min(known)!r}")
        if not self.escorts and any(kind.escort for kind in self.kinds.values()):
            raise ValueError("a kind needs an officer who accompanies, but no escorts are named")
        if late := [one for one in self.hours if one.opens >= one.closes]:
            raise ValueError(f"hours close at {late[0].closes}, before they open")
        return self

    def room(self, zone: str) -> Room | None:
        """The room of a zone; None for one that the plan does not have any more."""
        return next((room for room in self.rooms if room.zone == zone), None)

    def starts(self, kind: Kind, begin: int, end: int) -> list[int]:
        """Moments in [begin, end] (ms) at which a meeting of a kind may begin by the opening hours, in order."""
        zone, length = ZoneInfo(self.timezone), self.kinds[kind].minutes * 60_000
        found = set()
        for number in range(datetime.fromtimestamp(begin / 1000, zone).toordinal(),
                            datetime.fromtimestamp(end / 1000, zone).toordinal() + 1):  # fmt: skip
            day = date.fromordinal(number)
            if day in self.closed:
                continue
            for hours in self.hours:
                if kind not in hours.kinds or DAYS[day.weekday()] not in hours.days:
                    continue
                first, last = (_moment(day, text, zone) for text in (hours.opens, hours.closes))
                found |= set(range(first, last - length + 1, self.step_minutes * 60_000))
        return sorted(start for start in found if begin <= start <= end)


def _moment(day: date, time: str, zone: ZoneInfo) -> int:
    hour, _, minute = time.partition(":")
    return int(datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=zone).timestamp() * 1000)


def load_plans(path: Path | None, arrange_s: float) -> dict[str, Plan]:
    """The plans of a file by facility ("*": all others); the shipped one without a file.

    Raises:
        UserError: the file cannot be read, or a plan is wrong; names file, line and field.
    """
    file = path or DEFAULT
    data, node = read_yaml(file)
    if not isinstance(data, dict) or not data:
        raise UserError("no plans by facility", where=str(file), do=f"see {DEFAULT.name} of infra/appointments")
    plans = {}
    for facility, given in data.items():
        try:
            plans[str(facility)] = Plan.model_validate({**given, "arrange_ms": round(arrange_s * 1000)})
        except (ValidationError, TypeError) as error:
            loc: tuple[str | int, ...] = (facility,)
            message = str(error)
            if isinstance(error, ValidationError):
                first = error.errors()[0]
                loc, message = (facility, *first["loc"]), first["msg"]
            raise UserError(
                f"{'.'.join(map(str, loc))}: {message}", where=f"{file}:{line_of(node, loc)}", do="mend the plan"
            ) from error
    return plans
