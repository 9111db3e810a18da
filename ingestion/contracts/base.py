"""What all contracts share: strictness, units, forbidden attributes, content ids.

Law (rights of people): no contract may hold a biometric identity, ethnicity, religion or free
text about a person. :func:`Contract.__pydantic_init_subclass__` refuses such a field when the
class is made, so that the platform does not even start with one.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

FORBIDDEN = re.compile(
    r"(^|_)(face|facial|gait|iris|fingerprint|voiceprint|biometric|dna|ethnic|ethnicity|nationality|"
    r"race|religion|religious|faith|real_name|full_name|id_card|id_number|phone|address|"
    r"remarks?|free_text|comment|comments|narrative)(_|$)"
)


class ForbiddenAttribute(TypeError):
    """A contract names an attribute that DESIGN forbids (biometrics, ethnicity, religion, free text)."""


def content_id(*parts: object) -> str:
    """Deterministic id: the first 16 bytes of BLAKE2b over the parts, as 32 hex digits.

    The same content gives the same id in any process and on any replay.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def _with_zone(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a moment needs its time zone; write UTC as Z")
    return moment


Moment = Annotated[datetime, AfterValidator(_with_zone)]
"""A point in time; one without a time zone is refused, since nobody can know which was meant."""


class Contract(BaseModel):
    """Base of all contracts: unknown fields are refused, values are checked without coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        for name in cls.model_fields:
            if FORBIDDEN.search(name):
                raise ForbiddenAttribute(
                    f"{cls.__name__}.{name}: this attribute is forbidden by the platform's rights rules"
                )


# Event times outside these years are impossible for this platform and are refused by contract;
# the check against the time of receipt (ahead of it) belongs to the landing, which knows it.
EARLIEST_MS = 631_152_000_000  # 1990-01-01T00:00:00Z
LATEST_MS = 4_102_444_800_000  # 2100-01-01T00:00:00Z


class Event(Contract):
    """A live event: one JSON object, posted with the facility's id as the record's key."""

    TYPE: ClassVar[str]

    facility: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_.:/#-]+$",
        description="Id of the facility; equals the record's key.",
    )
    event_time: int = Field(
        ge=EARLIEST_MS,
        le=LATEST_MS,
        description="When it happened (event time), milliseconds since 1970-01-01T00:00:00Z.",
        json_schema_extra={"unit": "ms"},
    )
    device: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_.:/#-]+$",
        description="Id of the camera, sensor, terminal or system that saw it.",
    )


class RegisterRow(Contract):
    """A row of a register, bitemporal: valid time in its own columns, known time here.

    Rows are appended, never changed: a correction is a new row with the same KEY and a later
    ``known_from``; the row known on a date is the latest one with ``known_from`` at or before it.
    """

    TABLE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]

    known_from: Moment = Field(description="When the platform learnt this version of the row (UTC, with time zone).")
    source: str = Field(
        min_length=1, max_length=128, description="Where the row came from: register system or import file."
    )
