"""The demo's live part: two fights in a facility of its own, in real time; posts answer one, and nobody the other.

What the fight does to the custody code of one of the two is in :mod:`infra.demo.person`.

Frames come in over HTTP with a device's key, alerts reach the posts' terminals, answers go back into the stream, and
after a minute the unanswered one climbs to the leader and makes the platform accuse the control room (stf-12).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from pyiceberg.expressions import EqualTo

from infra.demo.person import Person, Shown, is_proposed, show_person
from infra.demo.steps import InBackground
from infra.gateway.accounts import Accounts, default_users
from infra.local import process
from infra.local.gateway import GatewayService
from infra.settings import SafeholdError, Settings, open_catalog, table_name
from ingestion.contracts import Detection, Event, RuleStatus, SitePlan, VideoFrame, content_id
from ingestion.contracts.platform import Camera, Zone
from ingestion.gateway import Devices
from ingestion.landing import land
from ingestion.sources.record import record_of
from streaming_jobs.response import load_plan

FACILITY = "330199"
ANSWERED, FORGOTTEN = "cell-101", "cell-102"
CELLS = (ANSWERED, FORGOTTEN)
DEVICE = "drill-recorder"
FRAME_S = 0.5
FIGHT_S = 8.0
STREAM = "stream"
PATIENCE_S = 180.0
M_PER_PX = 0.01
SHOWN = ("control_room", "block_duty", "medical", "leader")


@dataclass(frozen=True)
class Drill:
    """What happened. Delays in seconds."""

    told: dict[str, list[str]]
    """By cell: posts whose terminals showed the case before anybody escalated it."""
    screen_s: float
    """From the second in which the fight had lasted long enough to the block duty's screen."""
    escalated_s: float
    accused: list[str]
    """Posts that were told of stf-12, the alarm that nobody answered."""
    users: dict[str, str]
    person: Shown


def run_drill(settings: Settings, say: Callable[[str], None], picture: Path | None, extract: Path) -> Drill:
    """Play it, beside a stream job that is started for it and stopped again; the gateway stays.

    Args:
        picture: file for what a post sees on its phone. extract: file for the extract of the person's custody code.

    Raises:
        SafeholdError: something did not happen in time.
    """
    GatewayService().start(settings)
    address = GatewayService().address(settings)
    users = _users(settings)
    posts = {name.rpartition("-")[0]: _Post(address, name, users[name]) for name in users}
    with _stream_job(settings):
        camera = _Recorder(address, _key(settings))
        camera.send(site_plan(_now()))
        wait = camera.film_until
        wait(lambda: _is_folded(settings), "the stream job knows the facility")
        land(settings, "register", [record_of(PERSON.admitted(FACILITY, "register", _now()))])
        begin = time.time() + 2
        camera.fights = {ANSWERED: (begin, begin + FIGHT_S), FORGOTTEN: (begin, float("inf"))}
        wait(lambda: len(posts["block_duty"].cases()) == 2, "the fights are on the block duty's screen")
        seen = time.time()
        told = {cell: [name for name, post in posts.items() if post.case_in(cell)] for cell in CELLS}
        case = posts["block_duty"].case_in(ANSWERED)
        assert case is not None
        screen_s = seen - case["raised_at"] / 1000
        for action in ("acknowledge", "on_scene", "done"):
            posts["block_duty"].answer(case["case"], action)
        say(f"  fights shown {screen_s:.1f} s after they were certain; {ANSWERED} answered, {FORGOTTEN} not")
        wait(lambda: posts["leader"].hears("cel-01", FORGOTTEN), "the leader hears of the forgotten fight")
        escalated_s = time.time() - seen
        wait(lambda: posts["city_duty"].hears("stf-12", ""), "somebody asks why nobody answered")
        accused = [name for name, post in posts.items() if post.hears("stf-12", "")]
        if picture is not None:
            _picture(address, "leader-" + FACILITY, users["leader-" + FACILITY], picture)
        wait(lambda: is_proposed(settings, PERSON), "the fight proposes an entry in the custody code")
        shown: list[Shown] = []
        reading = InBackground(lambda: shown.append(show_person(settings, PERSON, extract)))
        wait(reading.is_done, "the person's risk and code are read, appealed and verified")
        reading.finish()
        say(f"  custody code of {PERSON.stay}: {' -> '.join(shown[0].code)}; {shown[0].verified}")
        for forgotten in [c for c in posts["leader"].cases() if c["facility"] == FACILITY]:
            posts["leader"].answer(forgotten["case"], "done")
    shown_users = {name: password for name, password in users.items() if name.startswith(SHOWN)}
    return Drill(told, screen_s, escalated_s, accused, shown_users, shown[0])


def subject(cell: str, who: str) -> str:
    """Pseudonym of one of a cell's two."""
    return f"p-{content_id(cell, who)[:8]}"


PERSON = Person(subject(ANSWERED, "a"), "stay-drill")


def _now() -> int:
    return int(time.time() * 1000)


def _users(settings: Settings) -> dict[str, str]:
    """Name and new password of a user for each post."""
    accounts = Accounts(settings.access_db)
    known = accounts.all()
    try:
        return {
            name: accounts.reset(name) if name in known else accounts.add(name, addresses)
            for name, addresses in default_users(FACILITY, load_plan()).items()
        }
    finally:
        accounts.close()


def _key(settings: Settings) -> str:
    devices = Devices(settings.access_db)
    try:
        if DEVICE in [device.name for device in devices.all()]:
            return devices.rotate(DEVICE, overlap_s=0)
        return devices.add(DEVICE, FACILITY, ("video", "site_plan"), ("cam-*", DEVICE))
    finally:
        devices.close()


@contextmanager
def _stream_job(settings: Settings) -> Iterator[None]:
    command = [sys.executable, "-m", "infra.cli", "run"]
    process.start(settings, STREAM, command, address="", env={"SAFEHOLD_HOME": str(settings.home)})
    try:
        yield
    finally:
        process.stop(settings, STREAM, grace_s=60)


def _is_folded(settings: Settings) -> bool:
    if not process.is_running(settings, STREAM):
        log = settings.logs / f"{STREAM}.log"
        raise SafeholdError(f"the stream job ended:\n{process.log_tail(log)}", where=str(log))
    rows = open_catalog(settings).load_table(table_name(RuleStatus)).scan(EqualTo("facility", FACILITY), ("rule",))
    return len(rows.to_arrow()) > 0


# -- what the cameras see -------------------------------------------------------------------------


def site_plan(at: int) -> SitePlan:
    """Two cells with a camera each, the image being 10 m wide."""
    square = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
    zones = [
        Zone(id=cell, kind="cell", block="A", polygon=[(x + 20 * n, y) for x, y in square])
        for n, cell in enumerate(CELLS)
    ]
    scale = [M_PER_PX, 0, 0, 0, M_PER_PX, 0, 0, 0, 1]
    cameras = [Camera(id=f"cam-{cell}", zones=[cell], width=4000, height=1000, homography=scale) for cell in CELLS]
    return SitePlan(facility=FACILITY, event_time=at, device=DEVICE, zones=zones, cameras=cameras)


def frames(at: int, fights: Collection[str]) -> list[VideoFrame]:
    """A frame of each cell: two people apart, or, in the cells named, at each other's throat."""
    made = []
    for number, cell in enumerate(CELLS):
        fighting = cell in fights
        left, gap = 20.0 * number + 3.0, 0.6 if fighting else 4.0
        people = [
            Detection(
                track=f"{cell}-{who}",
                subject=subject(cell, who),
                zone=cell,
                x=(left + gap * n) / M_PER_PX,
                y=3.0 / M_PER_PX,
                role="detainee",
                posture="standing",
                motion=("abrupt" if n == 0 else "active") if fighting else "inactive",
            )
            for n, who in enumerate("ab")
        ]
        made.append(VideoFrame(facility=FACILITY, event_time=at, device=f"cam-{cell}", detections=people))
    return made


class _Recorder:
    """Posts what the cameras see, in real time."""

    def __init__(self, address: str, key: str) -> None:
        self._address, self._auth = address, (DEVICE, key)
        self.fights: dict[str, tuple[float, float]] = {}

    def send(self, *events: Event) -> None:
        body = "\n".join(event.model_dump_json() for event in events).encode()
        reply = requests.post(f"{self._address}/events", data=body, auth=self._auth, timeout=30)
        if reply.status_code != 202 or reply.json()["quarantined"]:
            raise SafeholdError(f"the gateway did not take the frames: {reply.text}", where=self._address)

    def film_until(self, seen: Callable[[], Any], what: str) -> None:
        """Film until something is seen.

        Raises:
            SafeholdError: it is not seen in time.
        """
        end = time.time() + PATIENCE_S
        while not seen():
            if time.time() > end:
                raise SafeholdError(f"waited {PATIENCE_S:.0f} s in vain: {what}", where="the demo's live part")
            at = time.time()
            fights = [cell for cell, (begin, stop) in self.fights.items() if begin <= at < stop]
            self.send(*frames(int(at * 1000), fights))
            time.sleep(max(0.0, FRAME_S - (time.time() - at)))


# -- who is told ----------------------------------------------------------------------------------


class _Post:
    """A post's terminal."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self._address, self._http = address, requests.Session()
        reply = self._http.post(f"{address}/login", json={"user": user, "password": password}, timeout=30)
        reply.raise_for_status()
        self._http.headers["X-CSRF-Token"] = reply.json()["csrf"]

    def cases(self) -> list[dict[str, Any]]:
        """Open cases of the drill's facility."""
        reply = self._http.get(f"{self._address}/cases", timeout=30)
        reply.raise_for_status()
        return [case for case in reply.json()["cases"] if case["facility"] == FACILITY]

    def case_in(self, zone: str) -> dict[str, Any] | None:
        return next((case for case in self.cases() if case["zone"] == zone), None)

    def hears(self, rule: str, zone: str) -> bool:
        return any(case["rule"] == rule and case["zone"] == zone for case in self.cases())

    def answer(self, case: str, action: str) -> None:
        entry = {"key": f"drill-{time.time_ns()}", "at": _now(), "kind": "answer", "case": case, "action": action}
        reply = self._http.post(f"{self._address}/entries", json=entry, timeout=30)
        if not reply.ok or reply.json()["refused"]:
            raise SafeholdError(f"the answer {action} was refused: {reply.text}", where="the demo's live part")


def _picture(address: str, user: str, password: str, path: Path) -> None:
    """What the post sees on its phone."""
    from dashboards.pictures import find_browser, open_browser

    if not find_browser():
        return
    with open_browser() as browser:
        page = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2).new_page()
        page.goto(address)
        page.locator("[name=user]").fill(user)
        page.locator("[name=password]").fill(password)
        page.locator("#login button").click()
        page.locator("article").first.wait_for()
        page.screenshot(path=str(path))
