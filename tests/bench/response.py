"""`make bench-response`: 200 posts connected, 50 alerts a second: how soon on the screen, what is lost or shown twice.

From the moment an alert is put on its topic to the moment a screen has it, through broker, decision, disk and event
stream. All screens are readers in this process; the gateway is a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import queue
import tempfile
import threading
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import requests
from confluent_kafka import Producer

from infra.gateway.accounts import Accounts
from infra.settings import ALERTS_TOPIC, Settings, bootstrap
from tests.support.gateway import fight_rows, gateway
from tests.support.instance import instance

POSTS = ("control_room", "block_duty", "medical", "gate", "leader")
FACILITIES = tuple(f"33{n // 20 + 1:02d}{n % 20 + 1:02d}" for n in range(40))
ANSWER_S = 5.0
PASSWORD = "only-of-this-bench-5f1c"


def main() -> None:
    options = argparse.ArgumentParser(prog="make bench-response")
    options.add_argument("--minutes", type=float, default=1.0)
    options.add_argument("--rate", type=int, default=50, help="alerts a second")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, instance(Path(folder) / "home") as settings:
        sessions = make_sessions(settings)
        with gateway(settings) as address:
            figures = asyncio.run(measure(settings, address, sessions, given.minutes * 60, given.rate))
    print(json.dumps(figures, indent=1))
    if figures["lost"] or figures["shown_twice"]:
        raise SystemExit("alerts were lost or shown twice")


class Session(NamedTuple):
    """A terminal that is logged in."""

    token: str
    csrf: str


def make_sessions(settings: Settings) -> dict[str, Session]:
    """A session for each of 200 posts, made in the store: 200 password hashes are no part of the figure."""
    accounts = Accounts(settings.access_db)
    tokens = {}
    for facility in FACILITIES:
        for post in POSTS:
            name, address = f"{post}-{facility}", f"{post}@{facility}"
            if name not in accounts.all():
                accounts.add(name, (address,), PASSWORD)
            token, session = accounts.begin(name, address)
            tokens[address] = Session(token, session.csrf)
    accounts.close()
    return tokens


class Screens:
    """What all screens have seen: when each (post, case) came first, and push ids that came twice."""

    def __init__(self) -> None:
        self.first: dict[tuple[str, str], float] = {}
        self.ids: Counter[tuple[str, str]] = Counter()
        self.connected = 0
        self.to_answer: queue.Queue[tuple[float, str, str]] = queue.Queue()

    async def listen(self, host: str, port: int, post: str, token: str) -> None:
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 24)
        writer.write(
            f"GET /stream HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: safehold_session={token}\r\n\r\n".encode()
        )
        assert b"200" in await reader.readline()
        self.connected += 1
        try:
            while line := await reader.readline():
                if line.startswith(b"data: {") and len(line) > 20:
                    now = time.time()
                    push = json.loads(line[6:])
                    self.ids[post, push["id"]] += 1
                    for view in push["body"]["cases"]:
                        if (post, view["zone"]) not in self.first:
                            self.first[post, view["zone"]] = now
                            if post.startswith("block_duty"):
                                self.to_answer.put((now + ANSWER_S, post, view["case"]))
        finally:
            writer.close()


async def measure(
    settings: Settings, address: str, sessions: dict[str, Session], seconds: float, rate: int
) -> dict[str, Any]:
    host, _, port = address.removeprefix("http://").partition(":")
    screens = Screens()
    tasks = [asyncio.create_task(screens.listen(host, int(port), post, one.token)) for post, one in sessions.items()]
    while screens.connected < len(sessions):
        await asyncio.sleep(0.1)
    sent: dict[tuple[str, str], float] = {}  # (facility, zone) -> when it was put on the topic
    sender = threading.Thread(target=raise_all, args=(settings, sent, seconds, rate))
    sender.start()
    answers: list[float] = []
    for _ in range(4):
        threading.Thread(target=answer_all, args=(address, sessions, screens, answers), daemon=True).start()
    while sender.is_alive():
        await asyncio.sleep(0.2)
    await asyncio.sleep(ANSWER_S + 5)
    for task in tasks:
        task.cancel()
    called = ("control_room", "block_duty", "medical")  # a fight's; at night the leader hears of it, too
    waits, lost = [], 0
    for (facility, zone), at in sent.items():
        for post in called:
            seen = screens.first.get((f"{post}@{facility}", zone))
            lost += seen is None
            waits += [seen - at] if seen is not None else []
    waits.sort()
    return {
        "posts": len(sessions),
        "alerts": len(sent),
        "alerts_per_s": round(len(sent) / seconds, 1),
        "pushes_seen": sum(screens.ids.values()),
        "event_to_screen_ms": {
            name: round(1000 * waits[int(share * (len(waits) - 1))], 1)
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
        },
        "lost": lost,
        "shown_twice": sum(count - 1 for count in screens.ids.values()),
        "answered": len(answers),
        "answer_ms_p99": round(1000 * sorted(answers)[int(0.99 * (len(answers) - 1))], 1) if answers else None,
    }


def raise_all(settings: Settings, sent: dict[tuple[str, str], float], seconds: float, rate: int) -> None:
    """Fights all over the country, each in a cell of its own, evenly in time; every tenth is told twice."""
    row = next(r for r in fight_rows(int(time.time() * 1000) - 4000) if r["step"] == "raised")
    producer = Producer({"bootstrap.servers": bootstrap(settings), "linger.ms": 0})
    begin = time.time()
    for number in range(int(seconds * rate)):
        time.sleep(max(0.0, begin + number / rate - time.time()))
        facility, zone = FACILITIES[number % len(FACILITIES)], f"Z{number}"
        now = int(time.time() * 1000)
        one = {**row, "alert_id": f"{number:032x}", "facility": facility, "zone": zone, "raised_at": now}
        sent[facility, zone] = time.time()
        for _ in range(2 if number % 10 == 0 else 1):
            producer.produce(ALERTS_TOPIC, json.dumps(one).encode(), facility.encode())
        producer.poll(0)
    producer.flush(30)


def answer_all(address: str, sessions: dict[str, Session], screens: Screens, took: list[float]) -> None:
    """The block duty of each facility ends its cases some seconds after it saw them."""
    http = requests.Session()
    for number in count():
        due, post, case = screens.to_answer.get()
        time.sleep(max(0.0, due - time.time()))
        entry = {"key": f"bench-{id(http)}-{number}", "at": int(time.time() * 1000), "kind": "answer", "action": "done"}
        headers = {"X-CSRF-Token": sessions[post].csrf, "Cookie": f"safehold_session={sessions[post].token}"}
        began = time.monotonic()
        reply = http.post(f"{address}/entries", json={**entry, "case": case}, headers=headers, timeout=60)
        took.append(time.monotonic() - began)
        assert reply.json() == {"refused": ""}, reply.text


if __name__ == "__main__":
    main()
