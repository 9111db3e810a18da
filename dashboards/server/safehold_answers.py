"""Answers to the charts of a dashboard, kept for a minute. Runs inside Superset's environment.

Superset keeps the rows of a query, and works through its models, rights and SQL for every chart again: some 35 ms each,
so thirty readers who open a page of fourteen charts together wait for 15 s of CPU. Here the finished answer is kept.

An answer is given only to whoever has the very roles of the reader it was made for, in his language, to the same
question, while neither the published file nor anything in Superset's metadata but sessions and logs has changed.
Who is logged in, and whether his last day has passed, is asked anew each time.
"""

import hashlib
from pathlib import Path
from typing import Any

from cachelib.file import FileSystemCache  # type: ignore[import-not-found]

PATH = "/api/v1/chart/data"
SECONDS = 60
LARGEST = 2_000_000
"""Bytes of an answer that is worth keeping."""
_NO_MATTER = {"User", "Log", "KeyValueEntry", "CacheKey", "Query"}
"""What changes all the time and decides nothing: a user's own roles are in the key of what is kept for him."""


class Answers:
    """The kept answers of one instance; its processes share them through files."""

    def __init__(self, home: Path, published: Path) -> None:
        """``home``: Superset's folder. ``published``: the file whose numbers the answers hold."""
        self._cache = FileSystemCache(str(home / "cache" / "answers"), threshold=2000, default_timeout=SECONDS)
        self._stamp = home / "cache" / "changed"
        self._published = published
        self.forget()

    def forget(self) -> None:
        """Nothing that was kept until now is given any more."""
        self._stamp.parent.mkdir(parents=True, exist_ok=True)
        self._stamp.unlink(missing_ok=True)
        self._stamp.touch()

    def key(self, roles: list[int], language: str, question: bytes) -> str:
        """Name under which the answer to a question is kept as things stand now."""
        about: list[object] = [sorted(roles), language]
        for file in (self._stamp, self._published):
            state = file.stat() if file.exists() else None
            about.append(state and (state.st_ino, state.st_mtime_ns))
        return hashlib.blake2b(repr(about).encode() + question, digest_size=24).hexdigest()

    def kept(self, key: str) -> bytes | None:
        """The answer, None where none is kept."""
        found = self._cache.get(key)
        return found if isinstance(found, bytes) else None

    def keep(self, key: str, answer: bytes) -> None:
        """Keep an answer, unless it is very large."""
        if len(answer) <= LARGEST:
            self._cache.set(key, answer)


def serve_kept(app: Any, answers: Answers) -> None:
    """Let the application answer what it kept, and forget it when its metadata changes."""
    from flask import Response, g, request
    from flask_babel import get_locale  # type: ignore[import-not-found]
    from flask_login import current_user  # type: ignore[import-not-found]
    from sqlalchemy import event
    from superset import db, security_manager

    @app.before_request  # type: ignore[untyped-decorator]
    def give() -> Any:
        # Who comes with a token and not with a page's session is known only later, and asks Superset itself.
        if request.path != PATH or request.method != "POST" or not current_user.is_authenticated:
            return None
        body = request.get_data()
        if b'"force":true' in body:
            return None
        roles = [role.id for role in security_manager.get_user_roles(current_user)]
        g.answer_key = answers.key(roles, str(get_locale()), request.full_path.encode() + b"\n" + body)
        kept = answers.kept(g.answer_key)
        if kept is None:
            return None
        g.answer_key = None
        return Response(kept, mimetype="application/json", headers={"Cache-Status": "safehold; hit"})  # RFC 9211

    @app.after_request  # type: ignore[untyped-decorator]
    def take(response: Any) -> Any:
        key = g.pop("answer_key", None)
        if key is not None and response.status_code == 200 and response.is_json:
            answers.keep(key, response.get_data())
        return response

    @event.listens_for(db.session, "after_flush")
    def note(session: Any, _context: object) -> None:
        changed = {type(one).__name__ for one in (*session.new, *session.dirty, *session.deleted)}
        if changed - _NO_MATTER:
            session.info["safehold_changed"] = True

    @event.listens_for(db.session, "after_commit")
    def forget(session: Any) -> None:
        if session.info.pop("safehold_changed", False):
            answers.forget()
