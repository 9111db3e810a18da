"""Everything the response must not lose, in one SQLite file: written in the transaction of the decision itself.

The state is never stored at each step: it is what a snapshot and the inputs after it give, since decisions are
deterministic. So a kill at any moment leaves either a decision with all that follows from it, or none.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from streaming_jobs.response import CaseEvent, Input, Push

SCHEMA = """
CREATE TABLE IF NOT EXISTS input (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, said BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS position (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS step (alert TEXT NOT NULL, step TEXT NOT NULL, PRIMARY KEY (alert, step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS push (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, address TEXT NOT NULL, "case" TEXT NOT NULL,
  at INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS push_of ON push (address, seq);
CREATE TABLE IF NOT EXISTS entry (
  "case" TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, entry TEXT NOT NULL,
  PRIMARY KEY ("case", number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS view (
  address TEXT NOT NULL, "case" TEXT NOT NULL, open INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (address, "case")) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept (
  id TEXT PRIMARY KEY, "case" TEXT NOT NULL, at INTEGER NOT NULL, officer TEXT NOT NULL, text TEXT NOT NULL,
  file TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, ref TEXT NOT NULL, body BLOB NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL,
  error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (channel, state, next_at);
CREATE TABLE IF NOT EXISTS done (key TEXT PRIMARY KEY, at INTEGER NOT NULL, reply TEXT NOT NULL) WITHOUT ROWID;
"""
INPUTS_KEPT_MS = 30 * 86_400_000
PUSHES_KEPT_MS = 7 * 86_400_000
"""A terminal may be offline for so long, and still gets each push and sends each entry once."""

_INPUT: msgspec.msgpack.Decoder[Input] = msgspec.msgpack.Decoder(Input)


class Shown(NamedTuple):
    """A push as a screen gets it: its number, by which a reader goes on, and its JSON."""

    seq: int
    body: str


class Waiting(NamedTuple):
    """A delivery that is due or dead."""

    id: int
    channel: str
    ref: str
    body: bytes
    attempts: int
    error: str


class Journal:
    """One connection. Open another one for each thread that reads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self.db.execute("PRAGMA journal_mode = WAL")
        # A power cut must not take back what a post was told: every commit reaches the disk.
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.executescript(SCHEMA)

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    # -- inputs and state ---------------------------------------------------------------------
    def add_input(self, at: int, said: Input) -> None:
        self.db.execute("INSERT INTO input (at, said) VALUES (?, ?)", (at, msgspec.msgpack.encode(said)))

    def inputs_after(self, seq: int) -> Iterator[tuple[int, Input]]:
        """Time and input, in the order in which they were decided."""
        for at, said in self.db.execute("SELECT at, said FROM input WHERE seq > ? ORDER BY seq", (seq,)):
            yield at, _INPUT.decode(said)

    def last_input(self) -> int:
        return int(self.db.execute("SELECT coalesce(max(seq), 0) FROM input").fetchone()[0])

    def snapshot(self) -> tuple[int, bytes] | None:
        """Number of the last input in it, and the state."""
        row = self.db.execute("SELECT seq, state FROM snapshot").fetchone()
        return None if row is None else (int(row[0]), bytes(row[1]))

    def keep_snapshot(self, state: bytes) -> None:
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?)", (self.last_input(), state))

    def prune(self, at: int) -> None:
        """Forget what no screen and no restart asks for any more; time lines, notes and alert ids stay."""
        with self.transaction():
            kept = self.snapshot()
            if kept is not None:
                self.db.execute("DELETE FROM input WHERE seq <= ? AND at < ?", (kept[0], at - INPUTS_KEPT_MS))
            self.db.execute("DELETE FROM push WHERE at < ?", (at - PUSHES_KEPT_MS,))
            self.db.execute("DELETE FROM done WHERE at < ?", (at - PUSHES_KEPT_MS,))

    def is_new(self, alert: str, step: str) -> bool:
        """Remember a step of an alert; False where it was said before, however long ago."""
        return self.db.execute("INSERT OR IGNORE INTO step VALUES (?, ?)", (alert, step)).rowcount == 1

    def positions(self) -> dict[int, int]:
        """Next offset by partition of the topic of alerts."""
        return dict(self.db.execute("SELECT partition, next FROM position").fetchall())

    def set_positions(self, positions: Mapping[int, int]) -> None:
        self.db.executemany("INSERT OR REPLACE INTO position VALUES (?, ?)", positions.items())

    # -- what came out ------------------------------------------------------------------------
    def add_pushes(self, pushes: Sequence[Push]) -> None:
        for push in pushes:
            body = msgspec.json.encode(push).decode()
            self.db.execute(
                'INSERT INTO push (id, address, "case", at, body) VALUES (?, ?, ?, ?, ?)',
                (push.id, push.address, push.case, push.at, body),
            )
            for case in push.body["cases"]:
                self.db.execute(
                    "INSERT OR REPLACE INTO view VALUES (?, ?, ?, ?)",
                    (push.address, case["case"], case["status"] != "closed", json.dumps(case, ensure_ascii=False)),
                )

    def add_entries(self, entries: Sequence[CaseEvent]) -> None:
        self.db.executemany(
            "INSERT INTO entry VALUES (?, ?, ?, ?)",
            [(e.case, e.number, e.at, msgspec.json.encode(e).decode()) for e in entries],
        )

    def pushes_after(self, address: str, seq: int, limit: int = 500) -> list[Shown]:
        """Pushes of a post after the one that its screen had last."""
        rows = self.db.execute(
            "SELECT seq, body FROM push WHERE address = ? AND seq > ? ORDER BY seq LIMIT ?", (address, seq, limit)
        )
        return [Shown(*row) for row in rows]

    def last_push(self) -> int:
        return int(self.db.execute("SELECT coalesce(max(seq), 0) FROM push").fetchone()[0])

    def open_cases(self, address: str) -> list[dict[str, Any]]:
        """The cases that are open for a post, as it was last told."""
        rows = self.db.execute("SELECT body FROM view WHERE address = ? AND open = 1", (address,))
        return [json.loads(body) for (body,) in rows]

    def was_told(self, address: str, case: str) -> dict[str, Any] | None:
        """The case as a post was last told of it; None if it never was."""
        row = self.db.execute('SELECT body FROM view WHERE address = ? AND "case" = ?', (address, case)).fetchone()
        return None if row is None else json.loads(row[0])

    def time_line(self, case: str) -> list[dict[str, Any]]:
        """All entries of a case, with the notes that are kept with it."""
        kept = {
            row[0]: {"text": row[1], "file": row[2]}
            for row in self.db.execute('SELECT id, text, file FROM kept WHERE "case" = ?', (case,))
        }
        lines = [
            json.loads(entry)
            for (entry,) in self.db.execute('SELECT entry FROM entry WHERE "case" = ? ORDER BY number', (case,))
        ]
        return [{**line, **kept.get(line["detail"], {})} if line["kind"] == "noted" else line for line in lines]

    def keep_note(self, name: str, case: str, at: int, officer: str, text: str, file: str) -> None:
        """A note stays here: it is never sent, exported or put into the lake."""
        self.db.execute("INSERT OR IGNORE INTO kept VALUES (?, ?, ?, ?, ?, ?)", (name, case, at, officer, text, file))

    # -- what a terminal sent ------------------------------------------------------------------
    def reply_to(self, key: str) -> dict[str, Any] | None:
        """The reply that an entry with this key got before, or None."""
        row = self.db.execute("SELECT reply FROM done WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_reply(self, key: str, at: int, reply: Mapping[str, Any]) -> None:
        self.db.execute("INSERT OR IGNORE INTO done VALUES (?, ?, ?)", (key, at, json.dumps(reply)))

    # -- outbox -------------------------------------------------------------------------------
    def add_delivery(self, channel: str, ref: str, body: bytes, at: int) -> None:
        self.db.execute(
            "INSERT INTO delivery (channel, ref, body, next_at) VALUES (?, ?, ?, ?)", (channel, ref, body, at)
        )

    def due(self, channel: str, at: int, limit: int = 200) -> list[Waiting]:
        """What a channel has to deliver by now, in order."""
        return self._deliveries("channel = ? AND state = 'waiting' AND next_at <= ?", (channel, at, limit))

    def dead(self) -> list[Waiting]:
        """What could not be delivered in all attempts."""
        return self._deliveries("state = 'dead'", (1000,))

    def _deliveries(self, where: str, values: tuple[Any, ...]) -> list[Waiting]:
        rows = self.db.execute(
            f"SELECT id, channel, ref, body, attempts, error FROM delivery WHERE {where} ORDER BY id LIMIT ?", values
        )
        return [Waiting(*row) for row in rows]

    def delivered(self, ids: Sequence[int]) -> None:
        with self.transaction():
            self.db.executemany("DELETE FROM delivery WHERE id = ?", [(one,) for one in ids])

    def failed(self, ids: Sequence[int], error: str, next_at: int, attempts_at_most: int | None) -> None:
        """Try again at ``next_at``, or, after so many attempts, put it among the dead letters."""
        with self.transaction():
            for one in ids:
                self.db.execute(
                    "UPDATE delivery SET attempts = attempts + 1, error = ?, next_at = ?, "
                    "state = CASE WHEN attempts + 1 >= ? THEN 'dead' ELSE 'waiting' END WHERE id = ?",
                    (error[:500], next_at, attempts_at_most or 1 << 60, one),
                )

    def revive(self, at: int) -> int:
        """Give dead letters a new life; returns how many."""
        done = self.db.execute(
            "UPDATE delivery SET state = 'waiting', attempts = 0, next_at = ? WHERE state = 'dead'", (at,)
        )
        return done.rowcount

    def counts(self) -> dict[str, int]:
        """Deliveries by state."""
        rows = self.db.execute("SELECT state, count(*) FROM delivery GROUP BY state").fetchall()
        return {"waiting": 0, "dead": 0, **dict(rows)}
