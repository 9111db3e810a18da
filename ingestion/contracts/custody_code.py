"""The custody code of a stay: entries of its ledger, appeals against them, decisions about its level.

What is posted here changes the standing of a person, so each record names the officer who answers for
it, and grounds are classes: there is no text about the person.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import EARLIEST_MS, LATEST_MS, Event

CodeLevel = Literal["green", "yellow", "red"]


class CodeEntry(Event):
    """A merit or demerit: entered by an officer, or one that the platform proposed, confirmed or rejected."""

    TYPE: ClassVar[str] = "code_entry"

    type: Literal["code_entry"] = Field(default="code_entry", description="Names the contract.")
    entry: str = Field(min_length=1, max_length=64, description="Id of the entry.")
    stay: str = Field(min_length=1, max_length=64, description="Stay it belongs to.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym.")
    action: Literal["enter", "confirm", "reject"] = Field(
        description="`confirm` and `reject` answer an entry that the platform proposed; until then it does not count."
    )
    rule: str = Field(
        min_length=1, max_length=64, pattern=r"^[a-z0-9_]+$", description="Rule of the code that gives the points."
    )
    happened_at: int = Field(
        ge=EARLIEST_MS, le=LATEST_MS, description="When it happened.", json_schema_extra={"unit": "ms"}
    )
    origin: Literal["alert", "incident", "officer_report", "medical_report", "programme"] = Field(
        description="Kind of the source."
    )
    reference: str = Field(min_length=1, max_length=64, description="Id of the source: alert, incident or report.")
    by: str = Field(min_length=1, max_length=64, description="Pseudonym of the officer who answers for it.")


class CodeAppeal(Event):
    """A step of an appeal against an entry. An appeal that is upheld takes the entry back from its beginning."""

    TYPE: ClassVar[str] = "code_appeal"

    type: Literal["code_appeal"] = Field(default="code_appeal", description="Names the contract.")
    appeal: str = Field(min_length=1, max_length=64, description="Id of the appeal.")
    stay: str = Field(min_length=1, max_length=64, description="Stay.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym.")
    entry: str = Field(min_length=1, max_length=64, description="Entry appealed against.")
    action: Literal["file", "uphold", "reject", "withdraw"] = Field(description="What happened.")
    ground: Literal["not_me", "did_not_happen", "wrong_rule", "provoked", "illness", "procedure", "other"] = Field(
        description="Class of the ground."
    )
    by: str = Field(
        min_length=1, max_length=64, description="Pseudonym of who filed it, or of the officer who decided it."
    )


class CodeDecision(Event):
    """A named officer confirms what is proposed, sets another level, or reviews and keeps the level."""

    TYPE: ClassVar[str] = "code_decision"

    type: Literal["code_decision"] = Field(default="code_decision", description="Names the contract.")
    decision: str = Field(min_length=1, max_length=64, description="Id of the decision.")
    stay: str = Field(min_length=1, max_length=64, description="Stay.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym.")
    action: Literal["confirm", "set", "review"] = Field(
        description="`confirm` holds only while that level is what the ledger proposes; `set` is the officer's own."
    )
    level: CodeLevel = Field(description="The level decided on.")
    ground: Literal[
        "ledger",
        "behaviour_improved",
        "behaviour_worse",
        "danger_to_self",
        "danger_to_others",
        "escape_risk",
        "health",
        "order_of_court_or_prosecutor",
        "periodic_review",
    ] = Field(description="Class of the reason.")
    by: str = Field(min_length=1, max_length=64, description="Pseudonym of the officer.")
