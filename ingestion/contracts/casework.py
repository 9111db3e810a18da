"""Who inspects, what they may not inspect, what was given to them, what they found it by; the city's duty log."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Moment, RegisterRow


class Inspector(RegisterRow):
    """An officer who inspects for a unit of one of the three tiers."""

    TABLE: ClassVar[str] = "inspector"
    KEY: ClassVar[tuple[str, ...]] = ("inspector",)

    inspector: str = Field(min_length=1, max_length=64, description="Pseudonym of the inspector.")
    unit: str = Field(min_length=1, max_length=64, description="Administrative unit that the inspector works for.")
    weekly_most: int = Field(
        ge=0, le=40, description="Most inspections in a week.", json_schema_extra={"unit": "count"}
    )
    left: date | None = Field(default=None, description="Last day as an inspector; none while in office.")


class InspectorConflict(RegisterRow):
    """A facility that an inspector may not inspect (回避)."""

    TABLE: ClassVar[str] = "inspector_conflict"
    KEY: ClassVar[tuple[str, ...]] = ("inspector", "facility")

    inspector: str = Field(min_length=1, max_length=64, description="Pseudonym of the inspector.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    ground: Literal["posted_there", "kinship", "complaint", "interest", "other"] = Field(
        description="Class of the ground."
    )
    until: date | None = Field(default=None, description="Last day of the conflict; none while it lasts.")


class InspectionAssignment(RegisterRow):
    """Which inspector an inspection is given to, and why this facility was chosen (派单)."""

    TABLE: ClassVar[str] = "inspection_assignment"
    KEY: ClassVar[tuple[str, ...]] = ("inspection",)

    inspection: str = Field(min_length=1, max_length=64, description="Id of the inspection.")
    facility: str = Field(min_length=1, max_length=64, description="Facility inspected.")
    inspector: str = Field(min_length=1, max_length=64, description="Pseudonym of the inspector.")
    plan: str = Field(min_length=1, max_length=64, description="Plan that chose it: unit, kind, week, seed.")
    basis: Literal["cycle", "risk", "random"] = Field(
        description="Why: its cycle ends, drawn by risk, or drawn with equal chances."
    )
    weight: int = Field(
        ge=1,
        description="Weight in the draw: 1 and its load and weakness points.",
        json_schema_extra={"unit": "points"},
    )
    reason_zh: str = Field(max_length=200, description="The reason in Chinese; about the facility, never a person.")
    reason_en: str = Field(max_length=200, description="The reason in English; about the facility, never a person.")
    dispatched: date | None = Field(default=None, description="Day it was dispatched; none while only planned.")


class FindingEvidence(RegisterRow):
    """A reference to what a finding rests on; the thing itself stays where it is kept."""

    TABLE: ClassVar[str] = "finding_evidence"
    KEY: ClassVar[tuple[str, ...]] = ("finding", "reference")

    finding: str = Field(min_length=1, max_length=64, description="Id of the finding.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    kind: Literal["recording", "photo", "document", "alert"] = Field(description="What it is.")
    reference: str = Field(
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9_.:/#@+-]+$",
        description="Id of the alert, document or photo (by SHA-256), or camera and time of the recording.",
    )


class DutyLogEntry(RegisterRow):
    """A line of a unit's 24-hour duty log (值班日志): classes and references, no text."""

    TABLE: ClassVar[str] = "duty_log"
    KEY: ClassVar[tuple[str, ...]] = ("entry",)

    entry: str = Field(min_length=1, max_length=64, description="Id of the line.")
    unit: str = Field(min_length=1, max_length=64, description="Administrative unit whose log it is.")
    at: Moment = Field(description="When it was (UTC, with time zone).")
    officer: str = Field(min_length=1, max_length=64, description="Pseudonym of the officer on duty.")
    kind: Literal["take_over", "hand_over", "video_check", "call", "alert", "report_up", "instruction", "visitor"] = (
        Field(description="What happened.")
    )
    facility: str | None = Field(default=None, max_length=64, description="Facility concerned, if one.")
    reference: str | None = Field(default=None, max_length=64, description="Id of the alert, case or inspection.")
