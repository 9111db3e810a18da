"""What the platform itself posts into a facility's stream: site plan, person context, watermark, rule change.

Contexts are events like all others, in the same partition, so that a replay sees each at the very
place where the live job saw it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import LATEST_MS, Contract, Event
from ingestion.contracts.video import Role

WatermarkReason = Literal["clock", "end_of_replay", "operator"]
ZoneKind = Literal[
    "cell",
    "bed",
    "toilet",
    "corridor",
    "yard",
    "interrogation",
    "meeting",
    "control_room",
    "post",
    "gate",
    "vehicle_area",
    "medical",
    "perimeter",
    "muster",
    "open",
]


class Zone(Contract):
    """A named place on the floor plan."""

    id: str = Field(min_length=1, max_length=64, description="Zone id, unique in the facility.")
    kind: ZoneKind = Field(description="What the zone is for.")
    block: str = Field(default="", max_length=64, description="Block it belongs to.")
    parent: str | None = Field(default=None, max_length=64, description="Zone that contains it (a bed lies in a cell).")
    polygon: list[tuple[float, float]] = Field(
        min_length=3, max_length=200, description="Corners on the floor.", json_schema_extra={"unit": "m"}
    )
    block_class: Literal["any", "women", "men", "minors"] = Field(
        default="any", description="Who the block is for; rules on staff in a women's block follow it."
    )
    capacity: int | None = Field(
        default=None, ge=0, le=10_000, description="Places.", json_schema_extra={"unit": "persons"}
    )
    running_allowed: bool = Field(default=False, description="Yard sports and the like.")
    admits: list[Role] = Field(
        default_factory=list, max_length=7, description="Roles that may be here; an empty list admits everybody."
    )


class Camera(Contract):
    """A camera and how its pixels lie on the floor."""

    id: str = Field(min_length=1, max_length=64, description="Camera id; the `device` of its frames.")
    zones: list[str] = Field(min_length=1, max_length=200, description="Zones it watches.")
    width: int = Field(ge=1, le=100_000, description="Image width.", json_schema_extra={"unit": "px"})
    height: int = Field(ge=1, le=100_000, description="Image height.", json_schema_extra={"unit": "px"})
    homography: list[float] = Field(
        min_length=9,
        max_length=9,
        description="Row-major 3x3 matrix from image pixels to floor metres; a plain scale s is [s,0,0,0,s,0,0,0,1].",
        json_schema_extra={"unit": "m/px"},
    )


class Interlock(Contract):
    """Doors of which one at most may be open at a time (AB门)."""

    zone: str = Field(min_length=1, max_length=64, description="Gate that the doors belong to.")
    doors: list[str] = Field(min_length=2, max_length=8, description="Doors, as access events name them.")


class PatrolRound(Contract):
    """A round of the patrol plan."""

    at: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Local time the round begins.")
    zones: list[str] = Field(min_length=1, max_length=1000, description="Zones to be visited.")
    minutes: float | None = Field(
        default=None, ge=0.1, le=1440, description="Planned time of the whole round.", json_schema_extra={"unit": "min"}
    )


class Gathering(Contract):
    """A time of the day's programme at which people come together: roll call, meal, class."""

    begins: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Local time of day it begins.")
    ends: str = Field(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Local time of day it ends; may pass midnight."
    )
    zones: list[str] = Field(default_factory=list, max_length=10_000, description="Where; none: everywhere.")


class SitePlan(Event):
    """The zone map, cameras and patrol plan of a facility, in force from its event time on."""

    TYPE: ClassVar[str] = "site_plan"

    type: Literal["site_plan"] = Field(default="site_plan", description="Names the contract.")
    timezone: str = Field(default="Asia/Shanghai", max_length=64, description="IANA time zone of local times.")
    profile: str = Field(default="default", max_length=32, description="Threshold profile of the rules at this site.")
    zones: list[Zone] = Field(min_length=1, max_length=10_000, description="Zones.")
    cameras: list[Camera] = Field(default_factory=list, max_length=10_000, description="Cameras.")
    patrol_rounds: list[PatrolRound] = Field(default_factory=list, max_length=200, description="Patrol plan.")
    interlocks: list[Interlock] = Field(default_factory=list, max_length=200, description="Interlocked gates.")
    gatherings: list[Gathering] = Field(
        default_factory=list, max_length=200, description="Times at which a crowd belongs to the programme."
    )


class PersonContext(Event):
    """What rules and the risk model may know of a person: no identity, nothing forbidden."""

    TYPE: ClassVar[str] = "person"

    type: Literal["person"] = Field(default="person", description="Names the contract.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym.")
    role: Literal["detainee", "officer", "medical", "worker"] = Field(
        default="detainee", description="Role of the person."
    )
    present: bool = Field(default=True, description="False when the person has left the facility.")
    sex: Literal["female", "male", "unknown"] = Field(default="unknown", description="Used for separation rules only.")
    minor: bool = Field(default=False, description="Under 18.")
    block: str = Field(default="", max_length=64, description="Block the person belongs to.")
    cell: str | None = Field(default=None, max_length=64, description="Cell the person belongs to.")
    age_band: Literal["under_18", "18_24", "25_39", "40_59", "60_plus", "unknown"] = Field(
        default="unknown", description="Age band."
    )
    case_class: Literal["public_order", "property", "economic", "drug", "violent", "other", "unknown"] = Field(
        default="unknown", description="Class of the case."
    )
    education: Literal["none", "primary", "secondary", "tertiary", "unknown"] = Field(
        default="unknown", description="Schooling completed."
    )
    first_custody: bool | None = Field(default=None, description="First time in custody.")
    health_flags: list[
        Literal["chronic", "cardiac", "epilepsy", "mental_health", "self_harm_history", "withdrawal", "disability"]
    ] = Field(default_factory=list, max_length=16, description="Health flags set by the medical post.")
    custody_level: Literal["green", "yellow", "orange", "red", "unknown"] = Field(
        default="unknown", description="Level of risk that a named officer confirmed; never the live score itself."
    )
    stay: str | None = Field(default=None, min_length=1, max_length=64, description="Id of the stay in the register.")
    admitted_at: int | None = Field(
        default=None, ge=0, le=LATEST_MS, description="Start of the stay.", json_schema_extra={"unit": "ms"}
    )
    heart_rate_min: float = Field(
        default=45.0,
        ge=0,
        le=300,
        description="Lower limit of the heart rate; the medical post may set the person's own.",
        json_schema_extra={"unit": "beats/min"},
    )
    heart_rate_max: float = Field(
        default=130.0,
        ge=0,
        le=300,
        description="Upper limit of the heart rate; the medical post may set the person's own.",
        json_schema_extra={"unit": "beats/min"},
    )
    spo2_min: float = Field(
        default=90.0,
        ge=0,
        le=100,
        description="Lower limit of the oxygen saturation; the medical post may set the person's own.",
        json_schema_extra={"unit": "%"},
    )


class Watermark(Event):
    """A source says: everything up to `complete_to` has been posted for this facility.

    The landing's clock posts one per facility while it is silent, so that silence itself becomes
    an event that a replay sees again; a finite replay ends with one.
    """

    TYPE: ClassVar[str] = "watermark"

    type: Literal["watermark"] = Field(default="watermark", description="Names the contract.")
    complete_to: int = Field(
        ge=0,
        le=LATEST_MS,
        description="Every event up to this event time has been posted.",
        json_schema_extra={"unit": "ms"},
    )
    reason: WatermarkReason = Field(default="clock", description="Who says so.")


class RuleChange(Event):
    """A rule is deployed at a facility, switched, or given back to the catalogue.

    It takes effect at its place in the facility's stream: at the first second that is not yet closed
    there, whatever its own event time, which moves no clock.
    """

    TYPE: ClassVar[str] = "rule_change"

    type: Literal["rule_change"] = Field(default="rule_change", description="Names the contract.")
    change: str = Field(min_length=1, max_length=64, description="Id of the change; the same again is a duplicate.")
    action: Literal["deploy", "disable", "shadow", "activate", "withdraw"] = Field(
        description="What is done; `withdraw` undoes all changes of the rule: the catalogue's own is in force again."
    )
    rule: str = Field(
        pattern=r"^(?:[a-z]{3}-[0-9]{2}[a-z]?|person-risk|facility-risk)$",
        description="Rule id, e.g. int-01, or id of a scorecard.",
    )
    mode: Literal["active", "shadow"] = Field(
        default="shadow", description="Mode of a rule that is deployed; without meaning for other actions."
    )
    definition: str = Field(
        default="", max_length=200_000, description="The rule as JSON where it is deployed, empty otherwise."
    )
    by: str = Field(min_length=1, max_length=64, description="Pseudonym of who changed it.")
    reason: str = Field(min_length=1, max_length=300, description="Why the rule is changed; never about a person.")
