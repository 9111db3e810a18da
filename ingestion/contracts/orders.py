"""Orders about people in custody: who must be kept apart, and who may be restrained until when."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ingestion.contracts.base import LATEST_MS, Event


class NonAssociation(Event):
    """Two people are to be kept apart, or no longer; a later event with the same order replaces this one."""

    TYPE: ClassVar[str] = "non_association"

    type: Literal["non_association"] = Field(default="non_association", description="Names the contract.")
    order: str = Field(min_length=1, max_length=64, description="Id of the order.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym of one of the two.")
    other: str = Field(min_length=1, max_length=64, description="Pseudonym of the other.")
    action: Literal["impose", "lift"] = Field(description="In force from now on, or no longer.")
    reason: Literal["same_case", "conflict", "witness", "infection", "other"] = Field(
        description="Class of the reason; `same_case` for co-accused."
    )
    ends_at: int | None = Field(
        default=None,
        ge=0,
        le=LATEST_MS,
        description="End of the order; none: until lifted.",
        json_schema_extra={"unit": "ms"},
    )


class RestraintOrder(Event):
    """Restraints put on, allowed for longer, or taken off; a later event with the same order replaces this one."""

    TYPE: ClassVar[str] = "restraint"

    type: Literal["restraint"] = Field(default="restraint", description="Names the contract.")
    order: str = Field(min_length=1, max_length=64, description="Id of the order.")
    subject: str = Field(min_length=1, max_length=64, description="Pseudonym.")
    action: Literal["apply", "extend", "remove"] = Field(description="What happened.")
    restraint: Literal["handcuffs", "leg_irons", "belt", "chair", "bed", "other"] = Field(
        description="Kind of restraint."
    )
    ends_at: int | None = Field(
        default=None,
        ge=0,
        le=LATEST_MS,
        description="Until when it is allowed; none: the order does not say, so it cannot be judged.",
        json_schema_extra={"unit": "ms"},
    )
