"""Visits end to end: heard from a real lake, decided, audited, landed; nothing twice, nothing lost."""

from __future__ import annotations

import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra import audit
from infra.appointments.book import SOURCE, Book
from infra.appointments.decide import replay
from infra.appointments.notices import Told
from infra.appointments.plan import DAYS, DEFAULT
from infra.appointments.words import Gate, Request, encode
from infra.casework.books import Desk
from infra.cli import app
from infra.gateway.run import Gateway
from infra.settings import Settings, UserError, load_settings, open_catalog
from ingestion.contracts import EpidemicMeasure, EpidemicRecord, Event, PersonContext, ReceivedRecord, VisitEvent
from streaming_jobs.response import Notice
from tests.support.commands import must, safehold
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.lake import fill
from tests.support.topic import read_topic
from tests.support.visiting import HOUR, when

FACILITY = "330101"
NOW = when("mon 08:00")
PEOPLE = ("p-1", "p-2", "p-3")


def received(settings: Settings, begin: int, *events: Event) -> None:
    """Records as the stream job writes them to bronze; one that is no event lies between."""
    payloads = [b'{"type":"person"', *(event.model_dump_json().encode() for event in events)]
    fill(
        settings,
        *(
            ReceivedRecord(
                topic_partition=0, topic_offset=begin + n, received_at=NOW, source="t", record_key=b"330101",
                payload=payload,
            )
            for n, payload in enumerate(payloads)
        ),
    )  # fmt: skip


def person(subject: str, block: str = "B1") -> PersonContext:
    return PersonContext(facility=FACILITY, event_time=NOW, device="register", subject=subject, block=block)


def quarantine(block: str) -> EpidemicMeasure:
    return EpidemicMeasure(
        facility=FACILITY, event_time=NOW, device="measures-desk", measure="q", kind="quarantine", action="impose",
        block=block, by="o-9",
    )  # fmt: skip


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


def ask(book: Book, name: str, subject: str, kind: str = "lawyer", key: str = "") -> list[str]:
    said = Request(name, kind, subject, f"v-{name}")  # type: ignore[arg-type]
    out = book.enter(FACILITY, key or f"k-{name}", said, "o-1", "visits request", name, "test")
    return [step.did for step in out.steps] or [out.refused]


@pytest.fixture
def book(tmp_path: Path) -> tuple[Book, Clock, Settings]:
    settings, clock = load_settings(home=tmp_path), Clock()
    received(settings, 0, *(person(one) for one in PEOPLE))
    made = Book(settings, clock)
    assert made.round().heard == len(PEOPLE)
    assert made.round().heard == 0
    return made, clock, settings


def test_what_the_lake_receives_changes_appointments_and_a_replay_gives_the_same_bytes(
    book: tuple[Book, Clock, Settings],
) -> None:
    desk, clock, settings = book
    assert ask(desk, "1", "p-1") == ["requested", "confirmed"]
    assert [row["room"] for row in desk.shown(FACILITY)] == ["M-1"]
    received(settings, 10, person("p-1", "B2"), quarantine("B2"))
    clock.now += 60_000
    assert desk.round().heard == 2
    (row,) = desk.shown(FACILITY)
    assert (row["room"], row["reason"]["code"], row["reason"]["en"]) == (
        "M-3", "quarantine", "The block or the person is in quarantine",
    )  # fmt: skip
    clock.now = when("mon 12:00")
    desk.round()
    assert desk.state(FACILITY).appointments["1"].status == "no_show"
    of = desk.plan(FACILITY)
    assert encode(replay(of, desk.history(FACILITY))) == encode(desk.state(FACILITY))


def test_a_key_counts_once_who_acts_is_named_and_without_a_broker_nothing_is_lost(
    book: tuple[Book, Clock, Settings],
) -> None:
    desk, _, settings = book
    assert ask(desk, "1", "p-1") == ask(desk, "1", "p-1") == ["requested", "confirmed"]
    assert len(desk.history(FACILITY)) == len(PEOPLE) + 1
    with pytest.raises(UserError, match="give 1 to"):
        desk.enter(FACILITY, "k-2", Gate("1", "open", NOW), " ", "visits gate", "1", "test")
    assert desk.state(FACILITY).appointments["1"].status == "confirmed"
    assert desk.land() == 2
    assert audit.verify(settings)[1] == []
    rows = open_catalog(settings).load_table("audit.log").scan().to_arrow().to_pylist()
    rows.sort(key=lambda row: row["number"])
    assert [(row["who"], row["what"], row["target"]) for row in rows] == [
        ("o-1", "visits request", "1"),
        ("appointments", "visits requested", f"1 at {FACILITY}"),
        ("appointments", "visits confirmed", f"1 at {FACILITY}"),
    ]


def test_who_looks_waits_for_nobody_who_writes_and_sees_what_is_committed(book: tuple[Book, Clock, Settings]) -> None:
    desk, _, settings = book
    ask(desk, "1", "p-1")
    with closing(sqlite3.connect(settings.home / "appointments" / "book.db", isolation_level=None)) as writer:
        writer.execute("begin immediate")
        writer.execute("delete from desk")
        assert [row["appointment"] for row in desk.shown(FACILITY)] == ["1"]
        assert desk.facilities() == [FACILITY]
        writer.execute("rollback")


def test_terminals_that_ask_at_once_never_get_the_same_room_and_time(book: tuple[Book, Clock, Settings]) -> None:
    _, clock, settings = book
    with ThreadPoolExecutor(3) as terminals:
        made = list(terminals.map(lambda n: ask(Book(settings, clock), str(n), PEOPLE[n % 3]), range(3)))
    assert made == [["requested", "confirmed"]] * 3
    state = Book(settings, clock).state(FACILITY)
    places = [(one.place.room, one.place.starts) for one in state.appointments.values() if one.place]
    assert len(set(places)) == 3


def test_what_comes_up_is_pushed_once_to_gate_and_block_and_leaves_by_the_visitors_channel(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)

    def now() -> int:
        return int(time.time() * 1000)

    plan = DEFAULT.read_text(encoding="utf-8").replace("call_minutes: 60", "call_minutes: 1440")
    plan = plan.replace(
        'days: [sat, sun], opens: "09:00", closes: "11:00"', f'days: {[*DAYS]}, opens: "00:00", closes: "23:59"'
    )
    (tmp_path / "appointments.yaml").write_text(plan, encoding="utf-8")
    portal = tmp_path / "portal.jsonl"
    settings.response.mkdir()
    entry = f"- {{name: portal, kind: file, posts: ['visitors@3301*'], path: {portal}}}"
    (settings.response / "channels.yaml").write_text(entry, encoding="utf-8")
    received(settings, 0, *(person(one) for one in PEOPLE))

    def pushed() -> list[tuple[str, str]]:
        """Posts, and what they were told, in all."""
        found = ("gate", "block_duty", "leader", "visitors")
        shown = ((post, json.loads(one.body)) for post in found
                 for one in gateway.desk.journal.pushes_after(f"{post}@{FACILITY}", 0))  # fmt: skip
        return [(post, push["body"]["notice"]["did"]) for post, push in shown if not push["loud"]]

    gateway = Gateway(settings)
    gateway.round_of_visits()
    book = Book(settings, now)
    assert ask(book, "1", "p-1") == ["requested", "confirmed"]
    gateway.round_of_visits()
    expected = [("gate", "called"), ("block_duty", "called"), ("visitors", "confirmed")]
    assert pushed() == expected
    gateway.round_of_visits()
    assert pushed() == expected
    assert ask(book, "2", "p-2") == ["requested", "confirmed"]

    def dies(key: str, facility: str, told: Told) -> None:
        gateway.desk.enter(key, Notice(key, facility, told.posts, told.zone, told.body))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):  # between the push and the book's forgetting it
        book.tell(dies)
    gateway.stop()
    gateway = Gateway(settings)
    gateway.round_of_visits()
    assert pushed() == [post for post in expected for _ in range(2)]
    letters = gateway.desk.journal.due("portal", now())
    assert [json.loads(one.body)["body"]["notice"]["appointment"] for one in letters] == ["1", "2"]
    assert "p-1" not in letters[0].body.decode(), "the portal needs no name of who is held"
    gateway.stop()


@pytest.mark.jvm
def test_a_request_at_the_command_line_is_a_booking_in_the_topic(
    broker_instance: Settings,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = broker_instance.home
    received(broker_instance, 0, *(person(one) for one in PEOPLE))
    given = ("--facility", FACILITY, "--by", "o-1")
    asked = ("visits", "request", "--kind", "lawyer", "--visitor", "v-1", *given)
    out = must(home, *asked, "--subject", "p-1").out
    name = out.split(":")[0]
    assert f"{name}: confirmed M-" in out
    refused = safehold(home, *asked, "--subject", "p-9")
    assert refused.code == 2
    assert "该人员不在本所羁押 / The person is not held here" in refused.err

    def here(*arguments: str) -> str:
        app(["visits", *arguments, *given], standalone_mode=False)
        return capsys.readouterr().out

    with pytest.raises(UserError, match="is no pseudonym"):
        here("request", "--kind", "lawyer", "--visitor", "v-1", "--subject", "王 五")
    assert f"{name} lawyer   p-1" in here("list")
    with pytest.raises(UserError, match="It is too early"):
        here("gate", name, "open")
    here("cancel", name, "--reason", "visitor_withdrew")
    here("measure", "q-1", "--kind", "visit_stop")
    landed = [VisitEvent.model_validate_json(r.value) for r in read_topic(broker_instance, SOURCE)]
    assert [(one.appointment, one.action) for one in landed] == [(name, "request"), (name, "book"), (name, "cancel")]
    assert landed[1].starts_at is not None
    assert landed[1].starts_at <= landed[0].event_time + 48 * HOUR
    here("measure", "q-2", "--kind", "quarantine", "--subject", "p-1")
    here("measure", "q-1", "--kind", "visit_stop", "--lift")
    desk = Desk(broker_instance, "o-1", "test", datetime.now(UTC))
    (entered,) = desk.rows(EpidemicRecord)  # one person's is not
    assert (entered.measure, entered.kind, entered.block) == ("q-1", "visit_stop", "")
    assert entered.ends is not None
    assert entered.starts < entered.ends <= desk.now
    stop, *_ = (EpidemicMeasure.model_validate_json(r.value) for r in read_topic(broker_instance, "custody-desk"))
    assert (stop.kind, stop.action, stop.by) == ("visit_stop", "impose", "o-1")
    assert audit.verify(broker_instance)[1] == []
