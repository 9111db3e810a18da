"""What a feature is: a named column of a grain's matrix, with its unit and when it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grain = Literal["facility", "zone", "subject", "pair"]
GRAINS: tuple[Grain, ...] = ("facility", "zone", "subject", "pair")


@dataclass(frozen=True)
class Feature:
    """One column of a grain's feature matrix; NaN in it means "not observable in this second".

    The grain is the part of the name before the dot.
    """

    name: str
    unit: str
    doc: str
    missing_when: str

    @property
    def grain(self) -> Grain:
        return next(grain for grain in GRAINS if self.name.startswith(f"{grain}."))
