"""What Superset's own security manager leaves open, shut. Runs inside Superset's environment.

- A dataset without a row-security rule gives a reader no row: not the minute after somebody made it,
  and not if a rule is lost. Superset by itself gives every row.
- A user's last day ends his sessions and tokens, not only his next log-in.
- No token for guests: one without rules of its own would see everything.
"""

import json
import os
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from superset.security import SupersetSecurityManager

RULE_GROUP = "scope"
EXPIRES = Path(os.environ["SAFEHOLD_SUPERSET_HOME"]) / "expires.json"
"""Last days by user name; written by `safehold access apply`."""
CHINA = timezone(timedelta(hours=8))


class Rule(NamedTuple):
    """A row-security rule, as Superset's queries read it."""

    id: int
    group_key: str | None
    clause: str


NO_ROW = Rule(0, None, "1 = 0")


def has_expired(user: Any) -> bool:
    """True after a user's last day, by China's calendar."""
    if user is None or not EXPIRES.exists():
        return False
    last = json.loads(EXPIRES.read_text(encoding="utf-8")).get(user.username)
    return last is not None and datetime.now(CHINA).date() > date.fromisoformat(last)


class SafeholdSecurityManager(SupersetSecurityManager):  # type: ignore[misc]
    """Superset's, with the doors of the module's text shut."""

    def get_rls_filters(self, table: Any) -> list[Any]:
        rules = list(super().get_rls_filters(table))
        if any(rule.group_key == RULE_GROUP for rule in rules) or self._is_admin():
            return rules
        return [*rules, NO_ROW]

    def _is_admin(self) -> bool:
        from flask import g

        return getattr(g, "user", None) is not None and bool(self.is_admin())

    def load_user(self, pk: int) -> Any:
        user = super().load_user(pk)
        return None if has_expired(user) else user

    def auth_user_db(self, username: str, password: str) -> Any:
        user = super().auth_user_db(username, password)
        return None if has_expired(user) else user

    def create_guest_access_token(self, *_: Any, **__: Any) -> bytes:
        raise PermissionError("Safehold gives no tokens to guests")
