"""What the platform itself writes: received records, ledgers, quarantine, alerts, risk, codes, rules, audit."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue

from ingestion.contracts.base import Contract

QuarantineReason = Literal[
    "no_key",
    "too_large",
    "not_utf8",
    "malformed_json",
    "contract",
    "key_mismatch",
    "unknown_facility",
    "unknown_zone",
    "unknown_device",
    "impossible_coordinates",
    "ahead_of_time",
    "duplicate",
    "late",
    "domain_fault",
    "refused_by_broker",
    "truncated_file",
    "undeliverable",
    "not_allowed",
]


class Derived(Contract):
    """A row of a table that the platform derives; append only, ids from content."""

    TABLE: ClassVar[str]
    AGE: ClassVar[str] = ""
    """Column (ms) by which a row is too old to be kept; empty where rows are kept for good."""


class ReceivedRecord(Derived):
    """Bronze: a record exactly as it was received, whatever it holds."""

    TABLE: ClassVar[str] = "bronze.received"
    AGE: ClassVar[str] = "received_at"

    topic_partition: int = Field(ge=0, description="Kafka partition.")
    topic_offset: int = Field(ge=0, description="Kafka offset.")
    received_at: int = Field(
        ge=0, description="Record timestamp: when the platform received it.", json_schema_extra={"unit": "ms"}
    )
    source: str = Field(description="Source that posted it, from the record's header; empty if it gave none.")
    record_key: bytes | None = Field(default=None, description="Record key: the facility's id.")
    payload: bytes | None = Field(default=None, description="Record value, byte for byte.")


class LandingCount(Derived):
    """Bronze: what one run of the landing did with what a source offered it.

    Count law: ``offered = landed + quarantined``, and over all runs of a source the sum of
    ``landed`` equals the source's rows of ``bronze.received``.
    """

    TABLE: ClassVar[str] = "bronze.landing"

    source: str = Field(description="Source.")
    run: str = Field(description="Id of the landing's run.")
    part: int = Field(ge=0, description="Number of the row within the run; the rows of a run add up.")
    at: int = Field(ge=0, description="When it was written.", json_schema_extra={"unit": "ms"})
    offered: int = Field(ge=0, description="Records the source gave.", json_schema_extra={"unit": "count"})
    landed: int = Field(ge=0, description="Records the broker took.", json_schema_extra={"unit": "count"})
    quarantined: int = Field(ge=0, description="Records withheld.", json_schema_extra={"unit": "count"})


class StreamLedger(Derived):
    """Silver: what became of one facility's records, per source, in one micro-batch of the fold.

    Count law: ``records = accepted + quarantined`` and the sum of ``records`` equals the rows of
    ``bronze.received``. Late records are both accepted (they stay in bronze for the batch
    recomputation) and reported in quarantine with ``landed`` true.
    """

    TABLE: ClassVar[str] = "silver.ledger"

    facility: str = Field(description="Facility (record key); empty where there was no key.")
    source: str = Field(description="Source.")
    topic_partition: int = Field(ge=0, description="Kafka partition.")
    offset_from: int = Field(ge=0, description="First offset of the batch.")
    offset_to: int = Field(ge=0, description="Last offset of the batch.")
    records: int = Field(ge=0, description="Records taken.", json_schema_extra={"unit": "count"})
    accepted: int = Field(ge=0, description="Records that passed their contract.", json_schema_extra={"unit": "count"})
    late: int = Field(
        ge=0, description="Accepted, but after their second was closed.", json_schema_extra={"unit": "count"}
    )
    quarantined: int = Field(ge=0, description="Records withheld.", json_schema_extra={"unit": "count"})
    observations: int = Field(
        ge=0, description="Detections and readings in the accepted records.", json_schema_extra={"unit": "count"}
    )
    clock: int = Field(
        ge=0, description="The facility's event-time clock after the batch.", json_schema_extra={"unit": "ms"}
    )


class QuarantineRow(Derived):
    """Silver: a record that could not be used, with its bytes, the reason and where it came from."""

    TABLE: ClassVar[str] = "silver.quarantine"
    AGE: ClassVar[str] = "received_at"

    quarantine_id: str = Field(description="Id from content and place.")
    stage: Literal["landing", "stream", "register"] = Field(description="Who refused it.")
    source: str = Field(description="Source.")
    facility: str = Field(description="Facility (record key), empty if unknown.")
    reason: QuarantineReason = Field(description="Reason.")
    detail: str = Field(max_length=2000, description="What was wrong, where, and what to do.")
    landed: bool = Field(
        description="True for a record that is late, or over which features failed: in bronze and counted as accepted."
    )
    received_at: int = Field(ge=0, description="When it was received.", json_schema_extra={"unit": "ms"})
    topic_partition: int | None = Field(default=None, description="Kafka partition, none if refused before.")
    topic_offset: int | None = Field(default=None, description="Kafka offset, none if refused before.")
    raw: bytes = Field(description="The bytes; the first MiB where they are more.")
    raw_size: int = Field(ge=0, description="Size of the whole.", json_schema_extra={"unit": "byte"})
    raw_digest: str = Field(description="BLAKE2b-128 of the whole, hex.")
    blob: str = Field(description="File name under the lake's blobs/ that holds the whole; empty if raw does.")


# What live and recomputed alerts have in common.
_MS: dict[str, JsonValue] = {"unit": "ms"}
RuleId = Annotated[str, Field(description="Rule id, e.g. int-01.")]
RuleVersion = Annotated[int, Field(ge=1, description="Version of the rule.")]
Verdict = Annotated[Literal["violation", "unobservable"], Field(description="What was decided.")]
AlertZone = Annotated[str, Field(description="Zone; empty where the alert is about the facility.")]
AlertSubjects = Annotated[list[str], Field(description="Pseudonyms or tracks concerned.")]
Severity = Annotated[Literal["notice", "minor", "major", "critical"], Field(description="Severity.")]
OnsetMs = Annotated[int, Field(ge=0, description="First second in which the condition held.", json_schema_extra=_MS)]
RaisedMs = Annotated[int, Field(ge=0, description="Event time at which the hold was fulfilled.", json_schema_extra=_MS)]
ClearedMs = Annotated[int | None, Field(description="First second in which it no longer held.", json_schema_extra=_MS)]


class Alert(Derived):
    """Silver: a step in the life of an alert. Rows of one alert share its id; the latest step wins."""

    TABLE: ClassVar[str] = "silver.alert"
    AGE: ClassVar[str] = "raised_at"

    alert_id: str = Field(description="Id from rule, facility, entity and onset.")
    rule: RuleId
    rule_version: RuleVersion
    mode: Literal["active", "shadow"] = Field(description="Shadow alerts are recorded, not pushed.")
    verdict: Verdict
    step: Literal["raised", "cleared"] = Field(description="Step of the alert's life.")
    facility: str = Field(description="Facility.")
    zone: AlertZone
    subjects: AlertSubjects
    severity: Severity
    onset: OnsetMs
    raised_at: RaisedMs
    cleared: ClearedMs = None
    accountable: str = Field(description="Post that is accountable.")
    explanation: str = Field(description="JSON: features, values, thresholds, sources, observations to look at.")


class RecomputedAlert(Derived):
    """Silver: an alert as the batch recomputation finds it, late records included, beside what the stream raised.

    The rows of a run replace nothing: live alerts stay as they were raised.
    """

    TABLE: ClassVar[str] = "silver.alert_recomputed"
    AGE: ClassVar[str] = "raised_at"

    run: str = Field(description="Id of the run, from the time that was recomputed and the records that were read.")
    standing: Literal["added", "removed", "unchanged"] = Field(
        description="`added`: the stream did not raise it. `removed`: the stream did, and it is not found any more."
    )
    alert_id: str = Field(description="Id from rule, facility, entity and onset, as in silver.alert.")
    rule: RuleId
    rule_version: RuleVersion
    mode: Literal["active", "shadow"] = Field(description="Mode of the rule.")
    verdict: Verdict
    facility: str = Field(description="Facility.")
    zone: AlertZone
    subjects: AlertSubjects
    severity: Severity
    onset: OnsetMs
    raised_at: RaisedMs
    cleared: ClearedMs = None


class RiskScore(Derived):
    """Silver: the risk of a person or a facility at a moment; advice that expires, with every contribution."""

    TABLE: ClassVar[str] = "silver.risk"
    AGE: ClassVar[str] = "at"

    risk_id: str = Field(description="Id from facility, subject, time and scorecard version.")
    facility: str = Field(description="Facility.")
    grain: Literal["person", "facility"] = Field(description="Whose risk it is.")
    subject: str = Field(description="Pseudonym; the facility's id where the risk is the facility's.")
    at: int = Field(ge=0, description="Event time of the score.", json_schema_extra={"unit": "ms"})
    expires: int = Field(ge=0, description="After this the score is no longer valid.", json_schema_extra={"unit": "ms"})
    score: float = Field(ge=0, description="Sum of the contributions.", json_schema_extra={"unit": "points"})
    level: Literal["low", "elevated", "high"] = Field(description="Level by the scorecard's cuts, with hysteresis.")
    scorecard: str = Field(description="Scorecard and version.")
    mode: Literal["active", "shadow"] = Field(description="A card in shadow is recorded beside the one in force.")
    contributions: str = Field(description="JSON list: factor, input, kind, points, since, count, value, zh, en.")
    unknown: list[str] = Field(description="Inputs of the scorecard of which nothing is known.")
    changed_zh: str = Field(description="What changed since 24 hours before, in Chinese.")
    changed_en: str = Field(description="What changed since 24 hours before, in English.")


class CustodyCode(Derived):
    """Silver: the custody code of a stay from a moment on.

    Bitemporal: `at` says from when it holds, `known_from` since when that is known. What an appeal or a late
    entry changes about the past is written anew as the next `edition`. As known at K: of the rows with
    `known_from` at or before K those of the largest `edition`; of these, the one with the largest `number`
    whose `at` is not after the moment asked for.
    """

    TABLE: ClassVar[str] = "silver.custody_code"

    code_id: str = Field(description="Id from facility, stay, edition and number.")
    facility: str = Field(description="Facility.")
    stay: str = Field(description="Stay.")
    subject: str = Field(description="Pseudonym.")
    edition: int = Field(ge=0, description="Number of the history's version, from 0.")
    number: int = Field(ge=0, description="Number of the row in its edition, from 0.")
    at: int = Field(ge=0, description="From when it holds (event time).", json_schema_extra={"unit": "ms"})
    known_from: int = Field(ge=0, description="Since when it is known (event time).", json_schema_extra={"unit": "ms"})
    level: Literal["green", "yellow", "red", "expired"] = Field(
        description="Level in force; red only by a named officer. `expired`: nobody reviewed it in time."
    )
    proposed: Literal["green", "yellow", "red"] = Field(description="Level that the ledger's points propose.")
    points: float = Field(description="Demerits less merits that count.", json_schema_extra={"unit": "points"})
    review_due: int = Field(ge=0, description="Review is due by then.", json_schema_extra={"unit": "ms"})
    expires: int = Field(ge=0, description="Without a review the code ends then.", json_schema_extra={"unit": "ms"})
    overdue: bool = Field(description="The review is overdue.")
    act: str = Field(description="Id of the entry, appeal or decision that led to it; empty where time did.")
    by: str = Field(description="Pseudonym of who answers for that; empty where nobody acted.")
    ground: str = Field(description="Class of the reason, where somebody decided.")
    rules: str = Field(description="The code's rules in force, with their version.")
    entries: str = Field(description="JSON list: entry, rule, points, happened, until, state, appeal, source, by.")


class RuleStatus(Derived):
    """Silver: a version of a rule came into force at a facility, or no longer is, or cannot be used.

    The latest row of a facility, rule and version wins: the largest `number`.
    """

    TABLE: ClassVar[str] = "silver.rule_status"

    facility: str = Field(description="Facility.")
    number: int = Field(ge=0, description="Number of the row at the facility, from 0.")
    rule: RuleId
    rule_version: RuleVersion
    mode: Literal["active", "shadow", "disabled", "failed", "retired"] = Field(
        description="`failed`: set aside for a fault, the other rules go on. `retired`: another version took its place."
    )
    since: int = Field(
        ge=0, description="First second (event time) for which it holds.", json_schema_extra={"unit": "ms"}
    )
    catalogue: str = Field(description="Version of the facility's whole set of rules.")
    change: str = Field(description="Id of the rule change that led to it, empty where it comes from the catalogue.")
    detail: str = Field(max_length=2000, description="What is wrong with it, or why the change had no effect.")
    definition: str = Field(description="The rule as JSON.")


class FeatureSecond(Derived):
    """Silver: all features of a facility in one second, for trying rules on history."""

    TABLE: ClassVar[str] = "silver.features"
    AGE: ClassVar[str] = "at"

    facility: str = Field(description="Facility.")
    at: int = Field(ge=0, description="The second (event time).", json_schema_extra={"unit": "ms"})
    minute: int = Field(ge=0, le=1439, description="Local minute of the day.", json_schema_extra={"unit": "min"})
    day: date = Field(description="Local date.")
    profile: str = Field(description="Threshold profile of the site plan in force.")
    grids: bytes = Field(description="The feature matrices: see streaming_jobs/features/snapshot.py.")


class AuditEntry(Derived):
    """Audit: who changed what, and why. Written before the change is made."""

    TABLE: ClassVar[str] = "audit.log"

    audit_id: str = Field(description="Id of the entry, e.g. that of the change.")
    at: int = Field(ge=0, description="When it was written.", json_schema_extra={"unit": "ms"})
    who: str = Field(min_length=1, max_length=64, description="Pseudonym of who did it.")
    what: str = Field(min_length=1, max_length=64, description="What was done, e.g. rule deploy shadow.")
    target: str = Field(min_length=1, max_length=128, description="What it was done to, e.g. int-01 at 330101.")
    why: str = Field(min_length=1, max_length=300, description="Why the thing was changed; never about a person.")
    before: str = Field(description="BLAKE2b-128 of what was in force before, hex; empty for nothing.")
    after: str = Field(description="BLAKE2b-128 of what is to be in force, hex; empty for nothing.")
    number: int = Field(default=0, ge=0, description="Place in the chain of all entries, from 0.")
    previous: str = Field(default="", max_length=32, description="Digest of the entry before.")
    digest: str = Field(default="", max_length=32, description="BLAKE2b-128 over the fields above, hex.")


class RetiredRows(Derived):
    """Audit: how many rows of a day were let go, so that counts of what is left still add up. Written before that."""

    TABLE: ClassVar[str] = "audit.retired"

    at: int = Field(ge=0, description="When it was written.", json_schema_extra={"unit": "ms"})
    lake_table: str = Field(min_length=1, description="Table that the rows were in.")
    day: date = Field(description="Day of the rows by the table's own time, UTC.")
    source: str = Field(description="Source of the rows; empty where the table has none.")
    kind: str = Field(description="Of quarantine: landing, stream, or late; else empty.")
    topic_partition: int = Field(ge=-1, description="Kafka partition of the rows; -1 where the table has none.")
    offset_to: int = Field(ge=-1, description="Largest Kafka offset of the rows; -1 where the table has none.")
    row_count: int = Field(ge=1, description="Rows let go, each counted once.", json_schema_extra={"unit": "count"})
