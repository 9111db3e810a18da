"""The inspection register: inspections, findings, rectification orders, re-inspections."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import RegisterRow


class Inspection(RegisterRow):
    """An inspection of a facility; video inspections are dispatched over the tiers."""

    TABLE: ClassVar[str] = "inspection"
    KEY: ClassVar[tuple[str, ...]] = ("inspection",)

    inspection: str = Field(min_length=1, max_length=64, description="Id of the inspection.")
    facility: str = Field(min_length=1, max_length=64, description="Facility inspected.")
    kind: Literal["video", "on_site", "double_random"] = Field(description="Kind of inspection.")
    dispatched_by: str = Field(min_length=1, max_length=64, description="Administrative unit that dispatched it.")
    scheduled: date = Field(description="Day it was planned for.")
    performed: date | None = Field(default=None, description="Day it was done; none while open or missed.")
    required_minutes: int = Field(
        default=0, ge=0, description="Video minutes to be reviewed.", json_schema_extra={"unit": "min"}
    )
    reviewed_minutes: int = Field(
        default=0, ge=0, description="Video minutes reviewed.", json_schema_extra={"unit": "min"}
    )
    outcome: Literal["open", "passed", "findings", "failed"] = Field(default="open", description="Outcome.")


class Finding(RegisterRow):
    """A weakness that an inspection found."""

    TABLE: ClassVar[str] = "finding"
    KEY: ClassVar[tuple[str, ...]] = ("finding",)

    finding: str = Field(min_length=1, max_length=64, description="Id of the finding.")
    inspection: str = Field(min_length=1, max_length=64, description="Inspection that found it.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    category: Literal["duty", "cell", "perimeter", "medical", "equipment", "records", "rights"] = Field(
        description="Category."
    )
    severity: Literal["minor", "serious", "major"] = Field(description="Severity.")
    found: date = Field(description="Day it was found.")


class RectificationOrder(RegisterRow):
    """An order to put a weakness right (整改), listed (挂牌) or not."""

    TABLE: ClassVar[str] = "rectification_order"
    KEY: ClassVar[tuple[str, ...]] = ("rectification",)

    rectification: str = Field(min_length=1, max_length=64, description="Id of the order.")
    finding: str = Field(min_length=1, max_length=64, description="Finding it answers.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    category: Literal["duty", "cell", "perimeter", "medical", "equipment", "records", "rights"] = Field(
        description="Category of the finding."
    )
    listed: bool = Field(description="True where the order is listed (挂牌督办).")
    ordered: date = Field(description="Day of the order.")
    due: date = Field(description="Deadline of the order.")
    extended_to: date | None = Field(
        default=None, description="Deadline after an extension; whether it was closed on time is judged by `due`."
    )
    closed: date | None = Field(default=None, description="Day it was accepted as done.")


class Reinspection(RegisterRow):
    """A look at whether a weakness was put right; an order is closed by one that accepts."""

    TABLE: ClassVar[str] = "reinspection"
    KEY: ClassVar[tuple[str, ...]] = ("reinspection",)

    reinspection: str = Field(min_length=1, max_length=64, description="Id of the re-inspection.")
    rectification: str = Field(min_length=1, max_length=64, description="Order it looks at.")
    facility: str = Field(min_length=1, max_length=64, description="Facility.")
    performed: date = Field(description="Day it was done.")
    result: Literal["accepted", "rejected"] = Field(description="Whether the weakness was found put right.")
