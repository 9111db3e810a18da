"""The outbox and its channels: tried again with pauses, in the end among the dead letters, never dropped."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from infra.settings import UserError
from streaming_jobs.delivery.channels import SIGNATURE, ChannelSpec, File, Webhook, channels_of, load_channels
from streaming_jobs.delivery.courier import Courier
from streaming_jobs.delivery.desk import Desk
from streaming_jobs.delivery.journal import Journal
from streaming_jobs.response import Note
from tests.support.posts import NOON, PLAN, raised


class Receiver:
    """A web server that answers with the next code of a list."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []

    @contextmanager
    def serve(self) -> Iterator[str]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                code = outer.codes.pop(0) if outer.codes else 200
                if code == 200:
                    outer.got.append((dict(self.headers), body))
                self.send_response(code)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/alerts"
        finally:
            server.shutdown()
            server.server_close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db")
    yield opened
    opened.close()


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


def test_a_webhook_is_signed_and_tried_again_until_it_answers(tmp_path: Path, journal: Journal) -> None:
    receiver, clock = Receiver(), Clock()
    receiver.codes = [500, 404]
    journal.add_delivery("hook", "push-1", b'{"n":1}', NOON)
    with receiver.serve() as url:
        courier = Courier(tmp_path / "journal.db", "hook", Webhook(url, "secret"), clock)
        assert courier.deliver(journal) == 0
        assert courier.deliver(journal) == 0, "not before its pause is over"
        clock.now += 2_000
        assert courier.deliver(journal) == 0
        clock.now += 4_000
        assert courier.deliver(journal) == 1
    ((headers, body),) = receiver.got
    assert (headers["Idempotency-Key"], body) == ("push-1", b'{"n":1}')
    moment, _, code = headers[SIGNATURE].partition(",v1=")
    assert code == hmac.new(b"secret", moment[2:].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert journal.counts() == {"waiting": 0, "dead": 0}


def test_what_never_arrives_is_a_dead_letter_that_can_be_revived(tmp_path: Path, journal: Journal) -> None:
    clock = Clock()
    journal.add_delivery("hook", "push-1", b"{}", NOON)
    courier = Courier(tmp_path / "journal.db", "hook", Webhook("http://127.0.0.1:9/nobody", "secret"), clock)
    for _ in range(Webhook.attempts_at_most or 0):
        courier.deliver(journal)
        clock.now += 600_000
    (letter,) = journal.dead()
    assert (letter.ref, letter.attempts) == ("push-1", 12)
    assert "127.0.0.1" in letter.error
    assert journal.revive(clock.now) == 1
    assert journal.counts() == {"waiting": 1, "dead": 0}


def test_a_letter_that_is_refused_does_not_hold_up_those_behind_it(tmp_path: Path, journal: Journal) -> None:
    receiver, clock = Receiver(), Clock()
    receiver.codes = [400]
    for name in ("bad", "good"):
        journal.add_delivery("hook", name, name.encode(), NOON)
    with receiver.serve() as url:
        courier = Courier(tmp_path / "journal.db", "hook", Webhook(url, "secret"), clock)
        courier.deliver(journal)
        courier.deliver(journal)
    assert [body for _, body in receiver.got] == [b"good"]
    assert journal.counts()["waiting"] == 1


def test_pushes_of_a_post_go_to_its_channels_and_a_file_has_a_line_each(tmp_path: Path) -> None:
    specs = [ChannelSpec(name="log", kind="file", posts=["medical@*"], path=str(tmp_path / "out" / "pushes.jsonl"))]
    desk = Desk(tmp_path / "journal.db", PLAN, Clock(), lambda address: channels_of(specs, address))
    desk.take([raised("a1")])
    courier = Courier(tmp_path / "journal.db", "log", File(Path(specs[0].path)), Clock())
    assert courier.deliver(desk.journal) == 1
    lines = [json.loads(line) for line in Path(specs[0].path).read_text(encoding="utf-8").splitlines()]
    assert [line["address"] for line in lines] == ["medical@330101"]
    desk.close()


def test_a_desk_that_is_opened_again_knows_all_it_decided(tmp_path: Path) -> None:
    clock = Clock()
    desk = Desk(tmp_path / "journal.db", PLAN, clock)
    desk.take([raised("a1"), raised("a2", zone="B1")], {0: 7})
    desk.journal.close()  # as a kill leaves it: no snapshot
    again = Desk(tmp_path / "journal.db", PLAN, clock)
    assert again.state == desk.state
    assert again.journal.positions() == {0: 7}
    assert again.take([raised("a1")]) == []
    again.close()
    third = Desk(tmp_path / "journal.db", PLAN, clock)
    assert third.state == desk.state
    third.close()


def test_a_decision_that_cannot_be_stored_did_not_happen(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "journal.db", PLAN, Clock())

    def disk_full(journal: Journal, decisions: object) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        desk.take([raised("a1")], also=disk_full)
    assert desk.state.cases == {}
    assert desk.journal.pushes_after("medical@330101", 0) == []
    assert len(desk.take([raised("a1")])[0].pushes) == 3
    desk.close()


def steps_of(desk: Desk) -> list[dict[str, object]]:
    return [json.loads(one.body) for one in desk.journal.due("events", NOON + 10**9)]


def test_steps_of_a_replayed_alert_s_case_are_told_by_the_replay_s_clock(tmp_path: Path) -> None:
    clock = Clock()
    desk = Desk(tmp_path / "journal.db", PLAN, clock)
    year = 365 * 86_400_000
    desk.take([raised("a1", at=NOON - year), raised("a2", at=NOON - 3_000, zone="B1")])
    times = {step["zone"]: step["event_time"] for step in steps_of(desk)}
    assert times == {"A1": NOON - year, "B1": NOON}
    desk.close()


def test_a_note_s_text_stays_with_its_case(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "journal.db", PLAN, Clock())
    case = desk.take([raised("a1")])[0].pushes[0].case
    said = Note("k1", case, "medical@330101", "o-1", "n-1")
    desk.enter("k1", said, lambda journal, at: journal.keep_note("n-1", case, at, "o-1", "a bruise", ""))
    desk.enter("k1", said, lambda journal, at: journal.keep_note("n-2", case, at, "o-1", "twice", ""))
    noted = [line for line in desk.journal.time_line(case) if line["kind"] == "noted"]
    assert [line["text"] for line in noted] == ["a bruise"]
    assert "bruise" not in json.dumps(steps_of(desk))
    assert "bruise" not in "".join(shown.body for shown in desk.journal.pushes_after("medical@330101", 0))
    desk.close()


def test_what_nobody_asks_for_any_more_is_forgotten_but_no_alert_is_told_again(tmp_path: Path) -> None:
    clock = Clock()
    desk = Desk(tmp_path / "journal.db", PLAN, clock)
    desk.take([raised("a1")])
    desk.close()
    clock.now += 40 * 86_400_000
    desk = Desk(tmp_path / "journal.db", PLAN, clock)
    desk.journal.prune(clock.now)
    assert desk.journal.pushes_after("medical@330101", 0) == []
    assert list(desk.journal.inputs_after(0)) == []
    assert desk.take([raised("a1")]) == []
    desk.close()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- {name: a, kind: webhook, posts: ['*']}", "needs url"),
        ("- {name: events, kind: file, posts: ['*'], path: x}", "taken"),
        ("- {name: a, kind: fax, posts: ['*']}", "webhook"),
    ],
)
def test_a_wrong_channel_is_named_with_its_line(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "channels.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=what) as error:
        load_channels(path)
    assert f"{path}:1" in error.value.where
