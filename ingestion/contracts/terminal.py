"""Intercom, panic buttons and mobile terminals of the posts."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import Event


class TerminalEvent(Event):
    """A call, a panic press, an answer, a report from a post's terminal."""

    TYPE: ClassVar[str] = "terminal"

    type: Literal["terminal"] = Field(default="terminal", description="Names the contract.")
    action: Literal[
        "call",
        "answered",
        "panic",
        "panic_cleared",
        "acknowledge",
        "on_scene",
        "done",
        "false_alarm",
        "force_used",
        "force_reported",
        "handover",
        "sign_off",
    ] = Field(description="What was pressed or said.")
    post: str = Field(min_length=1, max_length=64, description="Post the terminal belongs to.")
    zone: str | None = Field(default=None, max_length=64, description="Where the terminal was.")
    officer: str | None = Field(default=None, max_length=64, description="Pseudonym of the officer.")
    alert: str | None = Field(default=None, max_length=64, description="Alert that is answered.")
    reason: (
        Literal["harmless_activity", "authorised_activity", "drill", "equipment_fault", "wrong_person_or_place"] | None
    ) = Field(default=None, description="Why it was a false alarm.")
