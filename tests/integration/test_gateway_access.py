"""Who may do what at the gateway: deny by default, no request from elsewhere, no secret in a log."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from infra import audit
from infra.gateway.app import FILES, routes_of
from infra.gateway.guard import ROLES
from infra.gateway.run import Gateway
from infra.local.gateway import GatewayService
from infra.settings import Settings, load_settings, open_catalog
from infra.settings.running import read_run
from ingestion.gateway import Devices
from streaming_jobs.response import load_plan
from tests.support.gateway import FACILITY, PASSWORD, USERS, Terminal, fight_rows, gateway, raise_alerts
from tests.support.instance import broker_instance  # noqa: F401
from tests.support.patience import eventually

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def address(broker_instance: Settings) -> Iterator[str]:  # noqa: F811
    with gateway(broker_instance) as address:
        yield address


@pytest.fixture(scope="module")
def case(address: str, broker_instance: Settings) -> str:  # noqa: F811
    raise_alerts(broker_instance, fight_rows(int(time.time() * 1000) - 4000))
    control = Terminal(address, "control_room-330101")
    return str(eventually(control.cases)[0]["case"])


def test_every_call_needs_a_key_or_a_right_but_the_page_s_files_and_the_log_in(tmp_path: Path) -> None:
    gateway = Gateway(load_settings(home=tmp_path))
    known = set().union(*ROLES.values())
    open_calls = {
        (method, path)
        for method, path, guards in routes_of(gateway.app)
        if not guards & ({"device", "session"} | known)
    }
    gateway.stop()
    log_in = {("POST", "/login"), ("GET", "/login/ways"), ("GET", "/oidc/start"), ("GET", "/oidc/return")}
    assert open_calls == {("GET", path) for path in FILES} | {("GET", "/health")} | log_in
    assert set(ROLES) == set(load_plan().posts)


@pytest.mark.parametrize(
    "path", ["/me", "/me/duty", "/duty", "/orders", "/visits", "/cases", "/stream", "/outbox", "/cases/" + "0" * 32]
)
def test_without_a_session_nothing_is_shown(address: str, path: str) -> None:
    assert requests.get(f"{address}{path}", timeout=30).status_code == 401
    assert requests.get(f"{address}{path}", cookies={"safehold_session": "x" * 43}, timeout=30).status_code == 401


def test_a_wrong_password_is_refused_like_an_unknown_user_and_guessing_is_slowed_down(address: str) -> None:
    wrong, unknown = Terminal(address, "gate-330101", "no"), Terminal(address, "nobody", "no")
    assert (wrong.reply.status_code, wrong.reply.text) == (unknown.reply.status_code, unknown.reply.text)
    codes = [Terminal(address, "somebody", str(n)).reply.status_code for n in range(15)]
    assert (codes[0], codes[-1]) == (401, 429)


def test_a_request_from_another_page_or_without_the_page_s_token_changes_nothing(address: str, case: str) -> None:
    control = Terminal(address, "control_room-330101")
    entry = {"key": "k-00000001", "at": 0, "kind": "answer", "case": case, "action": "acknowledge"}
    assert control.post("/entries", entry, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert control.post("/entries", entry, headers={"X-CSRF-Token": ""}).status_code == 403
    cookie = control.reply.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    login = {"user": "gate-330101", "password": PASSWORD}
    foreign = requests.post(f"{address}/login", json=login, headers={"Origin": "https://elsewhere.example"}, timeout=30)
    assert foreign.status_code == 403
    assert control.cases()[0]["status"] == "open"


def test_every_answer_carries_the_strict_headers(address: str) -> None:
    for path in ("/", "/terminal.js", "/me", "/nowhere"):
        headers = requests.get(f"{address}{path}", timeout=30).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "server" not in headers


def test_a_post_sees_and_does_only_what_is_its_own(address: str, case: str) -> None:
    gate, city = Terminal(address, "gate-330101"), Terminal(address, "city_duty-3301")
    assert gate.get(f"/cases/{case}").status_code == 404
    answer = {"key": "k-00000002", "at": 0, "kind": "answer", "case": case, "action": "done"}
    assert gate.post("/entries", answer).json() == {"refused": "not_called"}
    assert gate.post("/entries", answer).json() == {"refused": "not_called"}, "the same key gets the same reply"
    assert gate.get("/outbox").status_code == 403
    assert gate.get("/duty").status_code == 403
    assert gate.get("/orders").status_code == 403
    assert city.get("/orders").status_code == 404
    assert gate.get("/visits").json() == city.get("/visits").json() == {"visits": []}
    visit = {"key": "k-00000009", "at": 0, "kind": "visit", "appointment": "7", "action": "open"}
    assert gate.post("/entries", visit).json()["reason"]["en"] == "There is no such appointment"
    assert city.post("/entries", visit).status_code == 403
    assert Terminal(address, "medical-330101").get("/visits").status_code == 403
    assert gate.get("/me/duty").json()["officer"] == "gate-330101"
    assert city.get("/duty").json() == {"facilities": []}
    assert gate.post("/silences", {"rules": ["*"], "minutes": 5}).status_code == 403
    assert city.post("/entries", {"key": "k-00000003", "at": 0, "kind": "panic"}).status_code == 403
    assert city.get("/outbox").status_code == 200
    leader = Terminal(address, "leader-330101")
    made = leader.post("/silences", {"rules": ["dev-*"], "minutes": 5})
    assert made.status_code == 201
    assert leader.http.delete(f"{address}/silences/{made.json()['silence']}", timeout=30).status_code == 200


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "answer"},
        {"key": "x", "at": 0, "kind": "panic"},
        {
            "key": "k-00000009",
            "at": 0,
            "kind": "answer",
            "case": "0" * 32,
            "action": "false_alarm",
            "reason": "he said so",
        },
        {"key": "k-00000009", "at": 0, "kind": "check_in", "zone": "\x00"},
        {"key": "k-00000009", "at": "now", "kind": "panic"},
        {"key": "k-00000009", "at": 0, "kind": "panic", "more": 1},
        [],
    ],
)
def test_an_entry_that_is_none_is_refused(address: str, entry: Any) -> None:
    assert Terminal(address, "gate-330101").post("/entries", entry).status_code == 422


def test_a_photo_is_what_it_says(address: str) -> None:
    gate = Terminal(address, "gate-330101")
    digest = "0" * 64
    put = gate.http.put
    assert put(f"{address}/photos/{digest}", data=b"\xff\xd8\xff", timeout=30).status_code == 422
    html = b"<script>1</script>"
    name = hashlib.sha256(html).hexdigest()
    assert put(f"{address}/photos/{name}", data=html, timeout=30).status_code == 415
    assert put(f"{address}/photos/..%2f..%2fx", data=html, timeout=30).status_code in (404, 422)


def test_log_ins_and_reads_are_in_the_audit_log_and_secrets_are_in_no_log(
    address: str,
    broker_instance: Settings,  # noqa: F811
    case: str,
) -> None:
    devices = Devices(broker_instance.access_db)
    key = devices.add("nvr-9", FACILITY, ("device",))
    devices.close()
    requests.post(f"{address}/events", data=b"{}", auth=("nvr-9", key), timeout=30)
    control = Terminal(address, "control_room-330101")
    assert control.get(f"/cases/{case}").status_code == 200

    def seen() -> bool:
        rows = open_catalog(broker_instance).load_table("audit.log").scan().to_arrow().to_pylist()
        return {"log in", "read case"} <= {row["what"] for row in rows}

    eventually(seen)
    assert audit.verify(broker_instance)[1] == []
    secrets = [PASSWORD, key, control.http.cookies["safehold_session"], control.me["csrf"]]
    for path in [*broker_instance.home.rglob("*.log"), *broker_instance.access_db.parent.iterdir()]:
        text = path.read_bytes()
        for secret in secrets:
            if secret != control.me["csrf"] or path.suffix == ".log":
                assert secret.encode() not in text, (path.name, secrets.index(secret))


def test_a_killed_gateway_forgets_no_alert_and_repeats_none_on_a_screen(
    address: str,
    broker_instance: Settings,  # noqa: F811
) -> None:
    """Alerts are raised while it is killed again and again; a screen that goes on from its last id misses none."""
    rows = fight_rows(int(time.time() * 1000) - 4000)
    raised = next(row for row in rows if row["step"] == "raised")
    wanted = {f"{n:032x}" for n in range(60)}
    for part in range(3):
        batch = [{**raised, "alert_id": f"{n:032x}", "zone": f"Z{n}"} for n in range(20 * part, 20 * part + 20)]
        raise_alerts(broker_instance, [*batch, *batch])  # and every one is told twice
        record = read_run(broker_instance, "gateway")
        assert record is not None
        time.sleep(0.05 * part)
        os.kill(record.pid, signal.SIGKILL)
        eventually(lambda gone=record: not gone.is_alive())
        GatewayService().start(broker_instance)

    medical = Terminal(address, "medical-330101")
    eventually(lambda: {c["zone"] for c in medical.cases()} >= {f"Z{n}" for n in range(60)})
    shown: list[str] = []
    after = 0
    for _ in range(4):  # the line breaks four times
        got = read_stream(medical, after, 25)
        shown += [push["id"] for _, push in got]
        after = got[-1][0] if got else after
    everything = read_stream(medical, 0, 10_000)
    assert len(shown) == len(set(shown))
    assert shown == [push["id"] for _, push in everything][: len(shown)]
    opened = [c["zone"] for _, push in everything for c in push["body"]["cases"] if push["kind"] == "alert"]
    assert len([zone for zone in set(opened) if zone.startswith("Z")]) == len(wanted)


def read_stream(terminal: Terminal, after: int, at_most: int) -> list[tuple[int, dict[str, Any]]]:
    """Pushes of the event stream until it is silent for a second, or so many."""
    found: list[tuple[int, dict[str, Any]]] = []
    headers = {"Last-Event-ID": str(after)}
    try:
        with terminal.http.get(f"{terminal.address}/stream", headers=headers, stream=True, timeout=(10, 1)) as reply:
            seq = 0
            for line in reply.iter_lines():
                if line.startswith(b"id: "):
                    seq = int(line[4:])
                elif line.startswith(b"data: ") and seq:
                    found.append((seq, json.loads(line[6:])))
                    seq = 0
                    if len(found) >= at_most:
                        break
    except requests.ConnectionError:
        pass  # silent
    return found


def test_all_default_users_may_log_in(address: str) -> None:
    assert all(Terminal(address, user).reply.ok for user in USERS)
