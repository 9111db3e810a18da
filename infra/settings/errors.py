"""Errors that reach a user: what was wrong, where, and what to do."""

from __future__ import annotations


class SafeholdError(Exception):
    """Our fault or the machine's: exit code 1."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", do: str = "") -> None:
        self.what, self.where, self.do = what, where, do
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.do:
            lines.append(f"  do:    {self.do}")
        return "\n".join(lines)


class UserError(SafeholdError):
    """The user's input or call was wrong: exit code 2."""

    exit_code = 2
