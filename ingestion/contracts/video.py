"""Video observations: one camera frame with the people that the analysis saw in it."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Contract, Event

Role = Literal["detainee", "officer", "medical", "visitor", "lawyer", "worker", "unknown"]
Posture = Literal["standing", "sitting", "lying", "climbing", "unknown", "covered"]
Motion = Literal["inactive", "active", "walking", "running", "abrupt", "unknown"]


class Detection(Contract):
    """One person in one frame. Roles come from uniform and badge, never from a face."""

    track: str = Field(min_length=1, max_length=64, description="Track of the person within this camera, no identity.")
    zone: str = Field(min_length=1, max_length=64, description="Zone of the site plan the foot point is in.")
    x: float = Field(
        ge=-1e6,
        le=1e6,
        description="Foot point, from the image's left edge.",
        json_schema_extra={"unit": "px"},
    )
    y: float = Field(
        ge=-1e6,
        le=1e6,
        description="Foot point, from the image's top edge.",
        json_schema_extra={"unit": "px"},
    )
    w: float = Field(default=0.0, ge=0, le=1e5, description="Width of the box.", json_schema_extra={"unit": "px"})
    h: float = Field(default=0.0, ge=0, le=1e5, description="Height of the box.", json_schema_extra={"unit": "px"})
    role: Role = Field(default="unknown", description="Role by uniform or badge.")
    subject: str | None = Field(
        default=None,
        max_length=64,
        description="Pseudonym, where a wristband or badge at the same place links the track to one.",
    )
    posture: Posture = Field(default="unknown", description="Posture; `covered`: lying, with the head under the cover.")
    motion: Motion = Field(default="unknown", description="Kind of movement (CAVIAR/RTEC classes).")
    confidence: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Detector's confidence, 0 to 1.",
        json_schema_extra={"unit": "ratio"},
    )


class VideoFrame(Event):
    """One analysed camera frame; an empty list says that the camera saw nobody."""

    TYPE: ClassVar[str] = "video"

    type: Literal["video"] = Field(default="video", description="Names the contract.")
    detections: list[Detection] = Field(max_length=1000, description="People in the frame.")
