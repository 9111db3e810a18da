"""What the platform sees of itself while it runs: the lake's tables, the stream job, clocks, and what rules cost."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ingestion.contracts.derived import Derived, RuleId, RuleVersion

TakenMs = Annotated[int, Field(ge=0, description="When the sample was taken.", json_schema_extra={"unit": "ms"})]


class LakeTable(Derived):
    """Silver: how large a table of the lake was at a moment, by the metadata of its current snapshot."""

    TABLE: ClassVar[str] = "silver.lake_table"
    AGE: ClassVar[str] = "at"

    at: TakenMs
    lake_table: str = Field(min_length=1, description="Table, with its namespace.")
    row_count: int = Field(
        ge=0, description="Rows in the data files, those not yet deleted from them included.",
        json_schema_extra={"unit": "count"},
    )  # fmt: skip
    data_files: int = Field(ge=0, description="Data files.", json_schema_extra={"unit": "count"})
    delete_files: int = Field(
        ge=0, description="Files that say which rows are deleted.", json_schema_extra={"unit": "count"}
    )
    file_bytes: int = Field(ge=0, description="Size of the data and delete files.", json_schema_extra={"unit": "byte"})
    snapshots: int = Field(ge=0, description="Snapshots that are kept.", json_schema_extra={"unit": "count"})
    newest_snapshot_at: int | None = Field(
        ge=0, description="When the table was last written; none if never.", json_schema_extra={"unit": "ms"}
    )


class JobHealth(Derived):
    """Silver: how the stream job was at a moment, by Flink's REST interface, the topic and the ledger.

    What could not be asked is none, and `fault` says why.
    """

    TABLE: ClassVar[str] = "silver.job_health"
    AGE: ClassVar[str] = "at"

    at: TakenMs
    state: Literal["running", "starting", "restarting", "ended", "not_running", "unreachable"] = Field(
        description="`not_running`: nobody started it, or it was stopped. `unreachable`: it lives but does not answer."
    )
    fault: str = Field(max_length=500, description="What could not be asked, and why; empty where all answered.")
    restarts: int | None = Field(ge=0, description="Restarts since its start.", json_schema_extra={"unit": "count"})
    uptime_ms: int | None = Field(
        ge=0, description="Time since its start or last restart.", json_schema_extra={"unit": "ms"}
    )
    checkpoint_at: int | None = Field(
        ge=0, description="When its newest checkpoint was complete.", json_schema_extra={"unit": "ms"}
    )
    checkpoint_ms: int | None = Field(
        ge=0, description="How long that checkpoint took.", json_schema_extra={"unit": "ms"}
    )
    checkpoint_bytes: int | None = Field(
        ge=0, description="Size of the state in that checkpoint.", json_schema_extra={"unit": "byte"}
    )
    checkpoints_completed: int | None = Field(
        ge=0, description="Completed since its start.", json_schema_extra={"unit": "count"}
    )
    checkpoints_failed: int | None = Field(
        ge=0, description="Failed or declined since its start.", json_schema_extra={"unit": "count"}
    )
    records_per_s: float | None = Field(
        ge=0, description="Records it reads in a second, over the last minute; of its slowest source.",
        json_schema_extra={"unit": "1/s"},
    )  # fmt: skip
    busy_pct: float | None = Field(
        ge=0, description="Time in which its busiest step works.", json_schema_extra={"unit": "%"}
    )
    back_pressured_pct: float | None = Field(
        ge=0, description="Time in which the step that waits most for the next one waits.",
        json_schema_extra={"unit": "%"},
    )  # fmt: skip
    records_posted: int | None = Field(
        ge=0, description="End of the topic: sum of its partitions' end offsets.", json_schema_extra={"unit": "count"}
    )
    records_behind: int | None = Field(
        ge=0, description="Records of the topic that are not in the ledger yet.", json_schema_extra={"unit": "count"}
    )


class FacilityClock(Derived):
    """Silver: how far a facility's event-time clock, as it is in the lake, was behind what has been received of it."""

    TABLE: ClassVar[str] = "silver.facility_clock"
    AGE: ClassVar[str] = "at"

    at: TakenMs
    facility: str = Field(min_length=1, description="Facility.")
    clock: int = Field(
        ge=0, description="The facility's event-time clock, by the ledger.", json_schema_extra={"unit": "ms"}
    )
    newest_event: int | None = Field(
        ge=0, description="Event time of the newest event received; none if not seen at the end of the topic.",
        json_schema_extra={"unit": "ms"},
    )  # fmt: skip
    received_at: int | None = Field(
        ge=0, description="When the last record was received; none likewise.", json_schema_extra={"unit": "ms"}
    )


class RuleCost(Derived):
    """Silver: what a rule cost the kernel on a facility's recorded seconds: compiled alone, less the kernel alone."""

    TABLE: ClassVar[str] = "silver.rule_cost"
    AGE: ClassVar[str] = "at"

    at: TakenMs
    facility: str = Field(min_length=1, description="Facility whose seconds were judged.")
    day: date = Field(description="Local day of the seconds.")
    seconds: int = Field(ge=1, description="Seconds judged.", json_schema_extra={"unit": "count"})
    rule: RuleId
    rule_version: RuleVersion
    mode: Literal["active", "shadow"] = Field(description="Mode in which it runs at the facility.")
    cost_us: float = Field(
        description="CPU of the rule alone less that of none, for one second of the facility; noise may be below zero.",
        json_schema_extra={"unit": "us"},
    )
    none_us: float = Field(
        ge=0, description="CPU of the kernel without a rule, for one second.", json_schema_extra={"unit": "us"}
    )
    together_us: float = Field(
        description="CPU of all rules together less that of none, for one second.", json_schema_extra={"unit": "us"}
    )
