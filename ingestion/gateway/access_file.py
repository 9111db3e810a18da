"""The SQLite file that says who may come in: devices and, beside them, users with their sessions."""

from __future__ import annotations

import re
import sqlite3
import threading
from pathlib import Path
from typing import Any, ClassVar

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""Names of devices and users."""


class AccessFile:
    """Some tables of the file, made where they are not there; threads and processes may share it."""

    SCHEMA: ClassVar[str]

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(self.SCHEMA)

    def close(self) -> None:
        self._db.close()

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()
