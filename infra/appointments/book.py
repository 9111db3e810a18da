"""The book of all desks of an instance: keeps what was said, hears what changed, notes, and lands what was decided.

One file of SQLite holds the inputs in their order, the state of each desk, and what still has to be landed; one
transaction writes all three, so that nothing is decided twice or lost between two of them, and no two terminals give
away one room. What the desks hear of comes out of the lake, in the order of the stream.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
import pyarrow.compute as pc
from pydantic import ValidationError
from pyiceberg.expressions import And, BooleanExpression, EqualTo, GreaterThan, NotIn, Or
from pyiceberg.table import ALWAYS_TRUE

from infra import audit
from infra.appointments.decide import decide
from infra.appointments.events import DEVICE, HEARD, hear, publish
from infra.appointments.notices import SOON, Told, local, notices, worded
from infra.appointments.plan import Plan, load_plans
from infra.appointments.words import FINAL, Appointment, Input, Outcome, State, Step, Tick, decode, encode
from infra.custody.audit import note
from infra.settings import Settings, UserError, ensure_tables, open_catalog, table_name
from ingestion.contracts import AuditEntry, Event, ReceivedRecord, content_id
from ingestion.landing import land
from ingestion.sources.record import Record
from streaming_jobs.catalogue import load_catalogue

SOURCE = "appointments"
_WANTED = rf'"type"\s*:\s*"({"|".join(model.TYPE for model in HEARD)})"'
"""One pass over the payloads: the first run reads all of bronze, nearly all of which is frames of cameras."""
_SCHEMA = """
create table if not exists input (seq integer primary key, key text unique, facility text not null, at integer not null,
    body blob not null, reply blob not null);
create table if not exists desk (facility text primary key, state blob not null);
create table if not exists outbox (seq integer primary key, facility text not null, body blob not null);
create table if not exists notice (seq integer primary key autoincrement, facility text not null,
    body blob not null);
create table if not exists heard (topic_partition integer primary key, topic_offset integer not null);
"""


class Said(NamedTuple):
    """An input with its key, which makes it count once."""

    facility: str
    key: str
    said: Input


class Round(NamedTuple):
    """How many inputs were heard, and how many events still wait for a broker."""

    heard: int
    waiting: int


class Book:
    """All desks of an instance. Safe to be opened by several processes.

    Args:
        clock: the present, ms.

    Raises:
        UserError: a plan is wrong.
    """

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self._settings, self._clock = settings, clock
        own = settings.home / "appointments.yaml"
        rule = load_catalogue(settings.rules)["int-10"]
        arrange_s, _ = rule.parameter("arrange_s", "", datetime.fromtimestamp(clock() / 1000, UTC).date())
        self._plans = load_plans(own if own.exists() else None, arrange_s)
        self._file = settings.home / "appointments" / "book.db"
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(self._connect()) as db:
            db.execute("pragma journal_mode = wal")
            db.executescript(_SCHEMA)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, isolation_level=None, timeout=60)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """The only one that writes, until it ends; all or nothing."""
        with closing(self._connect()) as db:  # what was not committed is undone
            db.execute("begin immediate")
            yield db
            db.execute("commit")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """What is committed, at one moment; it waits for nobody and nobody for it."""
        with closing(self._connect()) as db:
            db.execute("begin")
            yield db

    def plan(self, facility: str) -> Plan:
        """A facility's plan.

        Raises:
            UserError: it has none.
        """
        found = self._plans.get(facility) or self._plans.get("*")
        if found is None:
            raise UserError(f"{facility} has no plan of visits", where="appointments.yaml", do="write its rooms there")
        return found

    # -- what is said ------------------------------------------------------------------------------------------------
    def enter(self, facility: str, key: str, said: Input, by: str, what: str, target: str, why: str) -> Outcome:
        """Take in what an officer says; the same key again gets the first outcome.

        Raises:
            UserError: nobody is named, no reason is given, or the facility has no plan.
        """
        with self._transaction() as db:
            known = db.execute("select reply from input where key = ?", (key,)).fetchone()
            if known is None:
                note(self._settings, by, what, target, why, after=msgspec.json.encode(said).decode())
            return self._take(db, [Said(facility, key, said)])[0]

    def _take(self, db: sqlite3.Connection, many: Sequence[Said]) -> list[Outcome]:
        """Decide inputs in their order; the caller's transaction keeps them."""
        states: dict[str, State] = {}
        changed: set[str] = set()
        spoken: Counter[tuple[str, int]] = Counter()
        trail: list[AuditEntry] = []
        replies, at = [], self._clock()
        for facility, key, said in many:
            known = db.execute("select reply from input where key = ?", (key,)).fetchone()
            if known is not None:
                replies.append(msgspec.msgpack.decode(known[0], type=Outcome))
                continue
            if facility not in states:
                states[facility] = _state(db, facility)
            state, plan = states[facility], self.plan(facility)
            out = decide(state, plan, said, at)
            replies.append(out)
            if isinstance(said, Tick) and not out.steps:
                continue  # nothing happened: what is kept stays as it is
            changed.add(facility)
            db.execute(
                "insert into input (key, facility, at, body, reply) values (?, ?, ?, ?, ?)",
                (key, facility, at, msgspec.msgpack.encode(said), msgspec.msgpack.encode(out)),
            )
            for step in out.steps:
                if step.did not in SOON:
                    trail.append(_audited(facility, step, at, len(trail)))
                for told in notices(plan, state, step):
                    db.execute(
                        "insert into notice (facility, body) values (?, ?)", (facility, msgspec.msgpack.encode(told))
                    )
                event = publish(facility, plan, state.appointments[step.appointment], step)
                if event is not None:
                    # The stream has no order within a millisecond: what follows at once is said one later.
                    event = event.model_copy(update={"event_time": step.at + spoken[step.appointment, step.at]})
                    spoken[step.appointment, step.at] += 1
                    db.execute(
                        "insert into outbox (facility, body) values (?, ?)",
                        (facility, event.model_dump_json().encode()),
                    )
        if trail:
            audit.append(self._settings, trail)  # before it is committed: what is done is in the log
        for facility in sorted(changed):
            db.execute("insert or replace into desk values (?, ?)", (facility, encode(states[facility])))
        return replies

    # -- circumstances, time, landing --------------------------------------------------------------------------------
    def round(self) -> Round:
        """Hear what the lake has received since, let time pass at every desk, land what was decided."""
        return Round(self.hear(), self.land())

    def hear(self) -> int:
        """Hear what the lake has received since, and let time pass at every desk.

        Returns:
            how many inputs were heard.
        """
        news, positions = self._news()  # reading may last; what another one heard meanwhile counts once by its key
        with self._transaction() as db:
            self._take(db, news)
            for item in positions.items():
                db.execute(
                    "insert into heard values (?, ?) on conflict do update set "
                    "topic_offset = max(topic_offset, excluded.topic_offset)",
                    item,
                )
            self._take(db, [Said(one, f"tick {one} {self._clock()}", Tick()) for one in _facilities(db)])
        return len(news)

    def _news(self) -> tuple[list[Said], dict[int, int]]:
        """What the lake has received that concerns the desks, and up to where it was read."""
        with self._reading() as db:
            positions: dict[int, int] = dict(db.execute("select topic_partition, topic_offset from heard").fetchall())
        since: BooleanExpression = ALWAYS_TRUE
        if positions:
            since = NotIn("topic_partition", set(positions))
            for partition, offset in positions.items():
                since = Or(since, And(EqualTo("topic_partition", partition), GreaterThan("topic_offset", offset)))
        catalog = open_catalog(self._settings)
        ensure_tables(catalog)
        fields = ("topic_partition", "topic_offset", "payload")
        scan = catalog.load_table(table_name(ReceivedRecord)).scan(row_filter=since, selected_fields=fields)
        found: list[tuple[int, int, Event]] = []
        for batch in scan.to_arrow_batch_reader():
            for part in pc.unique(batch["topic_partition"]).to_pylist():
                offsets = batch.filter(pc.equal(batch["topic_partition"], part))["topic_offset"]
                positions[part] = max(positions.get(part, -1), pc.max(offsets).as_py())
            wanted = pc.match_substring_regex(batch["payload"], _WANTED)
            for row in batch.filter(pc.fill_null(wanted, False)).to_pylist():
                event = _event(row["payload"])
                if event is not None:
                    found.append((row["topic_partition"], row["topic_offset"], event))
        heard = ((part, offset, event, hear(event)) for part, offset, event in sorted(found, key=lambda one: one[:2]))
        news = [
            Said(event.facility, f"{part}:{offset}", said)
            for part, offset, event, said in heard
            if said is not None and (event.facility in self._plans or "*" in self._plans)
        ]
        return news, positions

    def land(self) -> int:
        """Land what was decided, oldest first; without a broker it waits.

        Returns:
            how many events still wait.
        """
        with self._file.with_name("landing.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self._reading() as db:
                waiting = db.execute("select seq, facility, body from outbox order by seq").fetchall()
            if not waiting:
                return 0
            try:
                land(self._settings, SOURCE, [Record(row[1].encode(), row[2]) for row in waiting])
            except UserError:  # no broker runs
                return len(waiting)
            with self._transaction() as db:
                db.execute("delete from outbox where seq <= ?", (waiting[-1][0],))
        return 0

    def tell(self, take: Callable[[str, str, Told], object]) -> int:
        """Hand over what posts and visitors are to be told, oldest first; what is over by now is left out.

        Args:
            take: takes a key, the facility and the notice. It may get a key again, where the process ended between.

        Returns:
            how many were handed over.
        """
        with self._reading() as db:
            waiting = db.execute("select seq, facility, body from notice order by seq").fetchall()
        taken = 0
        for seq, facility, body in waiting:
            told = msgspec.msgpack.decode(body, type=Told)
            if told.until > self._clock():
                take(f"visit notice {seq}", facility, told)
                taken += 1
            with self._transaction() as db:
                db.execute("delete from notice where seq = ?", (seq,))
        return taken

    # -- what is to be seen ------------------------------------------------------------------------------------------
    def facilities(self) -> list[str]:
        """Facilities whose desk was ever spoken to."""
        with self._reading() as db:
            return _facilities(db)

    def state(self, facility: str) -> State:
        """A desk's state."""
        with self._reading() as db:
            return _state(db, facility)

    def history(self, facility: str) -> list[tuple[Input, int]]:
        """All inputs of a desk with their moments, in order; a replay of them gives its state again."""
        with self._reading() as db:
            rows = db.execute("select body, at from input where facility = ? order by seq", (facility,)).fetchall()
        return [(msgspec.msgpack.decode(body, type=Input), at) for body, at in rows]

    def view(self, facility: str, name: str) -> dict[str, Any] | None:
        """How an appointment stands, over or not; None for one that is not known, or forgotten."""
        one = self.state(facility).appointments.get(name)
        return None if one is None else shown(facility, self.plan(facility), name, one)

    def shown(self, facility: str) -> list[dict[str, Any]]:
        """Appointments of a facility that are not over, by what needs somebody first, then by time."""
        plan, state = self.plan(facility), self.state(facility)
        rows = [shown(facility, plan, name, one) for name, one in state.appointments.items() if one.status not in FINAL]
        return sorted(rows, key=lambda row: (not row["escalated"], row["starts_at"] or 0, row["appointment"]))


def shown(facility: str, plan: Plan, name: str, one: Appointment) -> dict[str, Any]:
    """An appointment as people see it: pseudonyms, local time, and why, in both languages."""
    place = one.place
    return {
        "facility": facility,
        "appointment": name,
        "kind": one.asked.kind,
        "subject": one.asked.subject,
        "visitor": one.asked.visitor,
        "visitors": one.asked.visitors,
        "status": one.status,
        "escalated": one.escalated,
        "room": None if place is None else place.room,
        "escort": place.escort if place else "",
        "starts_at": place.starts if place else None,
        "local": local(plan, place.starts) if place else "",
        "called": one.called,
        "due": one.due if one.asked.kind == "lawyer" else None,
        "reason": worded(one.reason),
    }


def _audited(facility: str, step: Step, at: int, number: int) -> AuditEntry:
    """The desk's own entry for a step; the officer's, where one spoke, stands before it."""
    return AuditEntry(
        audit_id=content_id("visits", facility, step.appointment, step.did, at, number),
        at=at,
        who=DEVICE,
        what=f"visits {step.did}",
        target=f"{step.appointment} at {facility}"[:128],
        why=f"by the plan of visits{step.reason and ': ' + step.reason}",
        before="",
        after=content_id(msgspec.json.encode(step).decode()),
    )


def _facilities(db: sqlite3.Connection) -> list[str]:
    return [row[0] for row in db.execute("select facility from desk order by facility")]


def _state(db: sqlite3.Connection, facility: str) -> State:
    row = db.execute("select state from desk where facility = ?", (facility,)).fetchone()
    return State() if row is None else decode(row[0])


def _event(payload: bytes) -> Event | None:
    """The event of a record; None for another one, our own, and one that breaks its contract and is in quarantine."""
    try:
        kind = json.loads(payload)["type"]
        model = next(model for model in HEARD if kind == model.TYPE)
        event = model.model_validate_json(payload)
    except (ValueError, KeyError, TypeError, StopIteration, ValidationError):
        return None
    return None if event.device == DEVICE else event
