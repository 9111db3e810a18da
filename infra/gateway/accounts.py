"""Users of terminals: an officer's pseudonym, the posts it belongs to, a password's hash; and their sessions.

The local log-in of :class:`Accounts`. Another identity provider (`oidc`) takes the place of :meth:`Accounts.check`
alone: it has to name the user; posts, roles and sessions stay here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import sqlite3
import time
from dataclasses import dataclass

from infra.settings import UserError
from ingestion.gateway.access_file import NAME, AccessFile
from streaming_jobs.response import Plan
from streaming_jobs.response.recipients import addresses

SESSION_S = 12 * 3600  # a shift
FLOW_S = 600  # to log in at the provider
ADDRESS = re.compile(r"[a-z_]+(\.[A-Za-z0-9_-]{1,24})?@[A-Za-z0-9_.:/#-]{1,64}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS user (
  name TEXT PRIMARY KEY, posts TEXT NOT NULL, hash TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS session (
  token TEXT PRIMARY KEY, user TEXT NOT NULL, post TEXT NOT NULL, csrf TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS flow (
  browser TEXT PRIMARY KEY, state TEXT NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL, until REAL NOT NULL);
"""


@dataclass(frozen=True)
class Session:
    """Who is logged in, at which post; ``posts``: all that the officer belongs to."""

    user: str
    post: str
    posts: tuple[str, ...]
    csrf: str

    @property
    def kind(self) -> str:
        return self.post.partition("@")[0].partition(".")[0]

    @property
    def scope(self) -> str:
        return self.post.partition("@")[2]


@dataclass(frozen=True)
class Flow:
    """A log-in that a browser began at another provider: what must come back with it."""

    state: str
    nonce: str
    verifier: str


def hash_password(password: str, salt: bytes | None = None) -> str:
    """``scrypt$<salt>$<hash>`` with n = 2^14, r = 8, p = 1 (RFC 7914; 16 MiB)."""
    salt = salt or secrets.token_bytes(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    return f"scrypt${salt.hex()}${digest.hex()}"


def _matches(password: str, kept: str) -> bool:
    return hmac.compare_digest(hash_password(password, bytes.fromhex(kept.split("$")[1])), kept)


_NOBODY = hash_password("")
"""Compared with where a user does not exist, so that the answer takes as long."""


class Accounts(AccessFile):
    """The users and sessions."""

    SCHEMA = _SCHEMA

    # -- users --------------------------------------------------------------------------------
    def add(self, name: str, posts: tuple[str, ...], password: str = "") -> str:
        """Add a user; returns its password, generated where none is given.

        Raises:
            UserError: the name is taken or unusable, or an address is none.
        """
        if not NAME.fullmatch(name):
            raise UserError(f"{name!r} is no name for a user", do="use letters, digits, . _ -; 64 at most")
        for post in posts:
            if not ADDRESS.fullmatch(post):
                raise UserError(f"{post!r} is no address of a post", where=name, do="use e.g. control_room@330101")
        if not posts:
            raise UserError("a user without a post", where=name, do="name one, e.g. control_room@330101")
        password = password or secrets.token_urlsafe(12)
        try:
            self._rows("INSERT INTO user VALUES (?, ?, ?, 0)", name, json.dumps(posts), hash_password(password))
        except sqlite3.IntegrityError as error:
            raise UserError(f"the user {name} exists already", do="reset the password, or use a new name") from error
        return password

    def reset(self, name: str) -> str:
        """A new password; all sessions end.

        Raises:
            UserError: no such user.
        """
        self._known(name)
        password = secrets.token_urlsafe(12)
        self._rows("UPDATE user SET hash = ? WHERE name = ?", hash_password(password), name)
        self._rows("DELETE FROM session WHERE user = ?", name)
        return password

    def disable(self, name: str) -> None:
        """No log-in any more; all sessions end.

        Raises:
            UserError: no such user.
        """
        self._known(name)
        self._rows("UPDATE user SET disabled = 1 WHERE name = ?", name)
        self._rows("DELETE FROM session WHERE user = ?", name)

    def _known(self, name: str) -> None:
        if name not in self.all():
            raise UserError(f"there is no user {name!r}", do="see: safehold user list")

    def all(self) -> dict[str, tuple[str, ...]]:
        """Posts by name, of those who may log in."""
        rows = self._rows("SELECT name, posts FROM user WHERE disabled = 0 ORDER BY name")
        return {name: tuple(json.loads(posts)) for name, posts in rows}

    # -- log-in -------------------------------------------------------------------------------
    def check(self, name: str, password: str) -> tuple[str, ...] | None:
        """Posts of the user that this name and password stand for, None for nobody."""
        rows = self._rows("SELECT hash, posts FROM user WHERE name = ? AND disabled = 0", name)
        kept, posts = rows[0] if rows else (_NOBODY, "[]")
        right = _matches(password, kept)
        return tuple(json.loads(posts)) if rows and right else None

    def keep_flow(self, flow: Flow) -> str:
        """Remember a log-in that began; returns the token by which its browser is known again."""
        token, now = secrets.token_urlsafe(32), time.time()
        self._rows("DELETE FROM flow WHERE until < ?", now)
        row = (_digest(token), flow.state, flow.nonce, flow.verifier, now + FLOW_S)
        self._rows("INSERT INTO flow VALUES (?, ?, ?, ?, ?)", *row)
        return token

    def take_flow(self, token: str, state: str) -> Flow | None:
        """The log-in of a browser, once; None where it began none, or the state is another's."""
        rows = self._rows(
            "DELETE FROM flow WHERE browser = ? AND until >= ? RETURNING state, nonce, verifier",
            _digest(token), time.time(),
        )  # fmt: skip
        found = Flow(*rows[0]) if rows else None
        return found if found is not None and hmac.compare_digest(found.state.encode(), state.encode()) else None

    def begin(self, user: str, post: str) -> tuple[str, Session]:
        """A session's token, of which only a digest is kept, and the session."""
        token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(24), time.time()
        self._rows("DELETE FROM session WHERE until < ?", now)
        self._rows("INSERT INTO session VALUES (?, ?, ?, ?, ?)", _digest(token), user, post, csrf, now + SESSION_S)
        return token, Session(user, post, self.all()[user], csrf)

    def session(self, token: str) -> Session | None:
        """The session of a token while it lasts and its user may still log in at its post."""
        rows = self._rows(
            "SELECT user, post, csrf FROM session WHERE token = ? AND until >= ?", _digest(token), time.time()
        )
        for user, post, csrf in rows:
            posts = self.all().get(user, ())
            if post in posts:
                return Session(user, post, posts, csrf)
        return None

    def end(self, token: str) -> None:
        """Log out."""
        self._rows("DELETE FROM session WHERE token = ?", _digest(token))


def _digest(token: str) -> str:
    return hashlib.blake2b(token.encode(), digest_size=32).hexdigest()


def default_users(facility: str, plan: Plan) -> dict[str, tuple[str, ...]]:
    """One user for each post that a facility's alerts may reach, by name."""
    addresses_of = (addresses(plan, post, facility, "") for post in plan.posts)
    return {one.replace("@", "-"): (one,) for found in addresses_of for one in found}
