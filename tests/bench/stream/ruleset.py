"""The common rules as people write them per event: plain Python objects, dictionaries, a loop over rules.

Every contender but ours calls this one class, so that they differ in nothing but how events reach it
and where its rows go. It is written to be fast: rules are grouped by what they look at, a rule whose
timer runs already is not looked at again until its second closes, near people are found in a grid.

Events of a facility must come in the order of their time; nothing is reordered, deduplicated,
validated or quarantined here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from streaming_jobs.catalogue import Rule

NEVER = -(2**40)
STALE_S, BAND_SILENT_S, SENSOR_SILENT_S = 3, 60, 300
MAX_SPEED, WALKING, SPOT_M, PAIR_M, SLOT_MS = 12.0, 0.5, 2.0, 3.0, 200
STAFF = ("officer", "medical", "worker")
LIMITS = (45.0, 130.0, 90.0)


class Alert(NamedTuple):
    """A step of an alert. Times in s; ``ended`` is None where it was raised."""

    rule: str
    entity: str
    onset: int
    at: int
    ended: int | None


class Features(NamedTuple):
    """What was known of a facility in one second, as JSON."""

    at: int
    body: bytes


class Person:
    """What is remembered of somebody seen or heard."""

    __slots__ = (
        "band_above",
        "band_below",
        "before_s",
        "before_t",
        "before_x",
        "before_y",
        "block",
        "fallen",
        "heard_s",
        "key",
        "limits",
        "number",
        "posture",
        "registered",
        "role",
        "role_listed",
        "seen_s",
        "speed",
        "sum_t",
        "sum_x",
        "sum_y",
        "t",
        "x",
        "y",
        "zone",
    )

    def __init__(self, key: str) -> None:
        self.key, self.block, self.role, self.role_listed, self.registered = key, "", "unknown", "unknown", False
        self.seen_s = self.before_s = self.heard_s = NEVER
        self.t = self.x = self.y = self.before_t = self.before_x = self.before_y = 0.0
        self.number, self.sum_t, self.sum_x, self.sum_y = 0, 0.0, 0.0, 0.0
        self.speed: float | None = None
        self.zone: str | None = None
        self.posture = "unknown"
        self.fallen = False
        self.limits = LIMITS
        self.band_above: float | None = 0.0
        self.band_below: float | None = 0.0

    def observe(self, second: int, t: int, x: float, y: float) -> None:
        """A sighting: the second's mean place, and the speed since the mean place of the second before."""
        if self.seen_s != second:
            self.before_s, self.before_t, self.before_x, self.before_y = self.seen_s, self.t, self.x, self.y
            self.seen_s, self.number, self.sum_t, self.sum_x, self.sum_y = second, 0, 0.0, 0.0, 0.0
        self.number += 1
        self.sum_t += t
        self.sum_x += x
        self.sum_y += y
        self.t, self.x, self.y = self.sum_t / self.number, self.sum_x / self.number, self.sum_y / self.number
        step_s = (self.t - self.before_t) / 1000
        self.speed = None
        if second - self.before_s <= STALE_S and step_s > 0.2:
            speed = math.hypot(self.x - self.before_x, self.y - self.before_y) / step_s
            if speed <= MAX_SPEED:
                self.speed = speed


class Plan:
    """The site plan in dictionaries."""

    def __init__(self, event: dict[str, Any]) -> None:
        zones = event["zones"]
        self.kind = {z["id"]: z["kind"] for z in zones}
        self.running_allowed = {z["id"]: z.get("running_allowed", False) for z in zones}
        self.room = {z["id"]: z.get("parent") or z["id"] for z in zones}
        self.cameras: dict[str, list[str]] = defaultdict(list)
        self.scale: dict[str, list[float]] = {}
        self.rooms_of: dict[str, list[str]] = {}
        for camera in event.get("cameras", ()):
            self.scale[camera["id"]] = camera["homography"]
            self.rooms_of[camera["id"]] = sorted({self.room[z] for z in camera["zones"]})
            for zone in camera["zones"]:
                self.cameras[zone].append(camera["id"])
        for zone, room in self.room.items():
            if zone != room:
                self.cameras[zone] = sorted({*self.cameras[zone], *self.cameras[room]})
        self.gatherings = [
            (_minute(g["begins"]), _minute(g["ends"]), set(g.get("zones") or self.kind))
            for g in event.get("gatherings", ())
        ]
        self.timezone = event.get("timezone", "Asia/Shanghai")

    def gathering(self, zone: str, second: int) -> bool:
        """People come together here now."""
        if self.kind[zone] in ("yard", "muster"):
            return True
        at = datetime.fromtimestamp(second, tz=ZoneInfo(self.timezone))
        minute = at.hour * 60 + at.minute
        return any(
            zone in zones and (a <= minute < b if a < b else (minute >= a or minute < b))
            for a, b, zones in self.gatherings
        )


class Room:
    """Air of a room."""

    __slots__ = ("alarm", "co2", "measured_s", "sensors", "temperature")

    def __init__(self) -> None:
        self.sensors: dict[str, tuple[int, bool, float | None, float | None]] = {}
        self.measured_s = NEVER
        self.alarm = False
        self.temperature = self.co2 = -math.inf


class Facility:
    """All state of one facility; plain data, so that any engine can keep it."""

    def __init__(self) -> None:
        self.second = NEVER  # the second that is open
        self.since_s = NEVER
        self.plan: Plan | None = None
        self.people: dict[str, Person] = {}
        self.members: dict[str, set[str]] = defaultdict(set)  # room -> people seen there last
        self.frame_s: dict[str, int] = {}
        self.frame_before_s: dict[str, int] = {}
        self.camera_down: set[str] = set()
        self.gateways_down: set[str] = set()
        self.gateway_s = -1
        self.air: dict[str, Room] = defaultdict(Room)
        self.slot = -1
        self.grid: dict[tuple[int, int], list[tuple[str, float, float, str]]] = defaultdict(list)
        self.meetings: dict[str, list[float]] = {}  # pair -> nearest (m), most abrupt, least inactive
        self.timers: dict[tuple[int, str], list[int]] = {}  # rule, entity -> since, last true, raised
        self.quiet: dict[tuple[int, str], int] = {}  # rule, entity -> end of the cooldown

    # -- what rules ask -----------------------------------------------------------------------
    def gone(self, person: Person | None) -> bool:
        return person is None or (
            not person.registered and self.second - max(person.seen_s, person.heard_s + BAND_SILENT_S) > STALE_S
        )

    def in_sight(self, person: Person) -> bool:
        return person.zone is not None and self.second - person.seen_s < STALE_S

    def blind_s(self, zone: str) -> int | None:
        assert self.plan is not None
        cameras = self.plan.cameras.get(zone)
        if not cameras:
            return None
        return self.second - max(self.frame_s.get(name, self.since_s) for name in cameras)

    def watched(self, zone: str) -> bool:
        blind = self.blind_s(zone)
        return blind is not None and blind < STALE_S

    def in_room(self, room: str) -> list[Person]:
        """People in sight in a room."""
        since = self.second - STALE_S
        return [p for p in map(self.people.__getitem__, self.members[room]) if p.seen_s > since]


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _both(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


class Check:
    """A rule: thresholds of the catalogue on a day, and whether it holds for an entity in the open second.

    ``holds`` gives None where that cannot be known.
    """

    def __init__(self, number: int, rule: Rule, on: date) -> None:
        self.number, self.id = number, rule.id
        self.value = {name: rule.parameter(name, "default", on)[0] for name in rule.parameters}
        self.hold = rule.parameter(rule.hold, "default", on)[0]
        self.gap, self.lapse = rule.gap, rule.lapse
        self.clear_after, self.cooldown = rule.clear_after, rule.cooldown

    def holds(self, facility: Facility, entity: str) -> bool | None:
        raise NotImplementedError


class Running(Check):
    def holds(self, facility: Facility, entity: str) -> bool | None:
        person = facility.people.get(entity)
        if person is None or facility.gone(person):
            return False
        assert facility.plan is not None
        fast = None
        if person.seen_s == facility.second and person.speed is not None:
            fast = person.speed > self.value["speed_limit"]
        slow_zone = None
        if facility.in_sight(person):
            slow_zone = not facility.plan.running_allowed[person.zone]
        return _both(fast, slow_zone)


class Climbing(Check):
    def holds(self, facility: Facility, entity: str) -> bool | None:
        person = facility.people.get(entity)
        if person is None or facility.gone(person):
            return False
        sight = facility.in_sight(person)
        if not (person.registered or sight or facility.second - person.heard_s <= BAND_SILENT_S):
            return False
        role = person.role_listed if person.role == "unknown" else person.role
        detainee = None if role == "unknown" else role == "detainee"
        return _both(detainee, person.posture == "climbing" if sight and person.posture != "unknown" else None)


class LyingOutOfBed(Check):
    def holds(self, facility: Facility, entity: str) -> bool | None:
        person = facility.people.get(entity)
        if person is None or facility.gone(person):
            return False
        if not facility.in_sight(person):
            return None
        assert facility.plan is not None
        lying = None if person.posture == "unknown" else person.posture in ("lying", "covered")
        return _both(lying, facility.plan.kind[person.zone] != "bed")


class VitalSigns(Check):
    def holds(self, facility: Facility, entity: str) -> bool | None:
        person = facility.people.get(entity)
        if person is None or facility.gone(person):
            return False
        if person.heard_s == NEVER:
            return False
        silent = facility.second - person.heard_s
        if not facility.gateways_down:
            silent = facility.second - max(person.heard_s, facility.gateway_s)
        if silent > BAND_SILENT_S:
            return None
        rate = None if person.band_above is None else person.band_above > self.value["heart_rate_tolerance"]
        spo2 = None if person.band_below is None else person.band_below > self.value["spo2_tolerance"]
        return True if rate or spo2 else None if rate is None or spo2 is None else False


class Fallen(Check):
    def holds(self, facility: Facility, entity: str) -> bool | None:
        person = facility.people.get(entity)
        if person is None or facility.gone(person) or person.heard_s == NEVER:
            return False
        return None if facility.second - person.heard_s > BAND_SILENT_S else person.fallen


class Crowd(Check):
    def holds(self, facility: Facility, entity: str) -> bool | None:
        assert facility.plan is not None
        if not facility.plan.cameras.get(entity):
            return False
        least = self.value["people"]
        crowd: bool | None = None
        if facility.watched(entity):
            crowd = False
            standing = [
                (p.x, p.y)
                for p in facility.in_room(entity)
                if p.role not in STAFF and not (p.speed is not None and p.speed > WALKING)
            ]
            if len(standing) >= least:
                crowd = any(
                    sum((x - a) ** 2 + (y - b) ** 2 <= SPOT_M**2 for a, b in standing) >= least for x, y in standing
                )
        if crowd is False:
            return False
        return False if facility.plan.gathering(entity, facility.second) else crowd


class NobodyInControlRoom(Check):
    def holds(self, facility: Facility, entity: str) -> bool | None:
        assert facility.plan is not None
        if facility.plan.kind[entity] != "control_room":
            return False
        if not facility.watched(entity):
            return None
        officers = sum(p.role == "officer" for p in facility.in_room(entity))
        return officers < self.value["officers_required"]


class BlindCamera(Check):
    def holds(self, facility: Facility, entity: str) -> bool | None:
        blind = facility.blind_s(entity)
        return None if blind is None else blind > self.value["blind_s"]


class BadAir(Check):
    def holds(self, facility: Facility, entity: str) -> bool | None:
        air = facility.air[entity]
        if air.alarm:
            return True
        if air.measured_s != NEVER and facility.second - air.measured_s > SENSOR_SILENT_S:
            return None
        return air.temperature > self.value["heat"] or air.co2 > self.value["co2"]


class _Pair(Check):
    def holds(self, facility: Facility, entity: str) -> bool | None:
        one, other = (facility.people.get(name) for name in entity.split("|", 1))
        meeting = facility.meetings.get(entity)
        if one is None or other is None or facility.gone(one) or facility.gone(other):
            return False
        if meeting is None:  # both seen and not near each other: no; one out of sight: nobody knows
            return False if one.seen_s == other.seen_s == facility.second else None
        return self.met(facility, one, other, meeting)

    def met(self, facility: Facility, one: Person, other: Person, meeting: list[float]) -> bool | None:
        raise NotImplementedError


class Fighting(_Pair):
    def met(self, facility: Facility, one: Person, other: Person, meeting: list[float]) -> bool | None:
        nearest, abrupt, inactive = meeting
        if nearest > self.value["near_m"]:
            return False
        known = abrupt >= 0
        return _both(abrupt >= 1 if known else None, inactive == 0 if known else None)


class OtherBlock(_Pair):
    def met(self, facility: Facility, one: Person, other: Person, meeting: list[float]) -> bool | None:
        if meeting[0] >= self.value["near_m"]:
            return False
        blocks = None
        if one.registered and other.registered and one.block and other.block:
            blocks = one.block != other.block
        if blocks is False:
            return False
        detainees = None
        if "unknown" not in (one.role, other.role):
            detainees = one.role == other.role == "detainee"
        alone = None
        if one.zone is not None and other.zone is not None:
            assert facility.plan is not None
            zones = {one.zone, other.zone}
            if any(facility.watched(zone) for zone in zones):
                rooms = {facility.plan.room[zone] for zone in zones}
                around = [p for room in rooms for p in facility.in_room(room) if p.role == "officer"]
                alone = not any(p.zone in zones or facility.plan.room[p.zone] in zones for p in around)
        return _both(blocks, detainees, alone)


KINDS: dict[str, type[Check]] = {
    "cel-01": Fighting,
    "cel-02": Running,
    "cel-03": Crowd,
    "cel-05": Climbing,
    "cel-06": LyingOutOfBed,
    "cel-12": OtherBlock,
    "dev-01": BlindCamera,
    "env-01": BadAir,
    "hlt-01": VitalSigns,
    "hlt-03": Fallen,
    "stf-03": NobodyInControlRoom,
}


class RuleSet:
    """The rules; the state is given with each call.

    Args:
        rules: the original's id and the rule, as :func:`tests.bench.stream.common.common_rules` gives them.
        on: day whose thresholds hold.
    """

    def __init__(self, rules: list[tuple[str, Rule]], on: date) -> None:
        self.checks = [KINDS[original](number, rule, on) for number, (original, rule) in enumerate(rules)]

        def of(*kinds: type[Check]) -> list[Check]:
            return [check for check in self.checks if isinstance(check, kinds)]

        self.of_sighting, self.of_band = of(Running, Climbing, LyingOutOfBed), of(VitalSigns, Fallen)
        self.of_meeting, self.of_air = of(Fighting, OtherBlock), of(BadAir)
        self.of_camera, self.of_control = of(BlindCamera), of(Crowd, NobodyInControlRoom)
        self.of_room = of(Crowd)

    def on_event(self, facility: Facility, event: dict[str, Any]) -> list[Alert | Features]:
        """Take an event of the facility in; gives what the seconds before it end with."""
        second = event["event_time"] // 1000
        out = self.on_time(facility, second) if second > facility.second else []
        kind = event["type"]
        if kind == "video":
            self._frame(facility, event)
        elif kind == "wristband":
            self._band(facility, event)
        elif kind == "environment":
            self._air(facility, event)
        elif kind == "person":
            _person(facility, event)
        elif kind == "device":
            _device(facility, event)
        elif kind == "site_plan":
            facility.plan = Plan(event)
            if facility.since_s == NEVER:
                facility.since_s = second
        return out

    def on_time(self, facility: Facility, second: int) -> list[Alert | Features]:
        """Close all seconds before ``second``: called by the next event, or by a timer where none comes."""
        out: list[Alert | Features] = []
        if facility.second == NEVER:
            facility.second = second
        while facility.second < second:
            if facility.plan is not None:
                self._close(facility, out)
            facility.second += 1
            facility.meetings.clear()
        return out

    # -- events -------------------------------------------------------------------------------
    def _look(self, facility: Facility, checks: list[Check], entity: str) -> None:
        """Start the timers of the rules that hold for an entity now."""
        timers = facility.timers
        for check in checks:
            place = (check.number, entity)
            if place not in timers and check.holds(facility, entity):
                timers[place] = [-1, -1, -1]

    def _frame(self, facility: Facility, event: dict[str, Any]) -> None:
        plan, device, t, second = facility.plan, event["device"], event["event_time"], facility.second
        if plan is None or device not in plan.scale:
            return
        if device not in facility.camera_down and facility.frame_s.get(device) != second:
            facility.frame_before_s[device] = facility.frame_s.get(device, facility.since_s)
            facility.frame_s[device] = second
        a, b, c, d, e, f, g, h, i = plan.scale[device]
        slot = t // SLOT_MS
        if slot != facility.slot:
            facility.slot = slot
            facility.grid.clear()
        rooms = set(plan.rooms_of[device])
        for seen in event["detections"]:
            u, v = seen["x"], seen["y"]
            w = g * u + h * v + i
            x, y = (a * u + b * v + c) / w, (d * u + e * v + f) / w
            key = seen.get("subject") or f"{device}/{seen['track']}"
            person = facility.people.get(key)
            if person is None:
                person = facility.people[key] = Person(key)
            person.observe(second, t, x, y)
            zone = seen["zone"]
            if person.zone != zone:
                if person.zone is not None:
                    rooms.add(plan.room[person.zone])
                    facility.members[plan.room[person.zone]].discard(key)
                facility.members[plan.room[zone]].add(key)
                person.zone = zone
            person.posture = seen.get("posture", "unknown")
            role = seen.get("role", "unknown")
            if role != "unknown":
                person.role = role
            self._look(facility, self.of_sighting, key)
            self._meet(facility, key, x, y, seen.get("motion", "unknown"))
        for room in rooms:
            self._look(facility, self.of_control if plan.kind[room] == "control_room" else self.of_room, room)

    def _meet(self, facility: Facility, key: str, x: float, y: float, motion: str) -> None:
        """Who else is within 3 m in the same slot of time."""
        grid = facility.grid
        column, row = int(x // PAIR_M), int(y // PAIR_M)
        for place in (
            (column - 1, row - 1),
            (column - 1, row),
            (column - 1, row + 1),
            (column, row - 1),
            (column, row),
            (column, row + 1),
            (column + 1, row - 1),
            (column + 1, row),
            (column + 1, row + 1),
        ):
            if place not in grid:
                continue
            for other, ox, oy, other_motion in grid[place]:
                distance = math.hypot(x - ox, y - oy)
                if distance > PAIR_M or other == key:
                    continue
                pair = f"{key}|{other}" if key < other else f"{other}|{key}"
                meeting = facility.meetings.get(pair)
                if meeting is None:
                    meeting = facility.meetings[pair] = [math.inf, -math.inf, math.inf]
                meeting[0] = min(meeting[0], distance)
                if motion != "unknown" or other_motion != "unknown":
                    meeting[1] = max(meeting[1], (motion == "abrupt") + (other_motion == "abrupt"))
                    meeting[2] = min(meeting[2], (motion == "inactive") + (other_motion == "inactive"))
                self._look(facility, self.of_meeting, pair)
        grid[(column, row)].append((key, x, y, motion))

    def _band(self, facility: Facility, event: dict[str, Any]) -> None:
        person = facility.people.get(event["subject"])
        if person is None:
            person = facility.people[event["subject"]] = Person(event["subject"])
        person.heard_s = facility.second
        low, high, least = person.limits
        rate, spo2 = event.get("heart_rate"), event.get("spo2")
        person.band_above = None if rate is None else max(low - rate, rate - high, 0.0)
        person.band_below = None if spo2 is None else max(least - spo2, 0.0)
        motion = event.get("motion")
        if motion == "fall":
            person.fallen = True
        elif motion in ("risen", "moving"):
            person.fallen = False
        self._look(facility, self.of_band, person.key)

    def _air(self, facility: Facility, event: dict[str, Any]) -> None:
        second, zone = facility.second, event["zone"]
        air = facility.air[zone]
        temperature, co2 = event.get("temperature"), event.get("co2")
        air.sensors[event["device"]] = (second, event.get("alarm", "none") != "none", temperature, co2)
        air.sensors = {n: r for n, r in air.sensors.items() if second - r[0] <= SENSOR_SILENT_S or r[1]}
        air.alarm = any(r[1] for r in air.sensors.values())
        if not (temperature is None and co2 is None and event.get("humidity") is None):
            air.measured_s = second
        air.temperature = max((r[2] for r in air.sensors.values() if r[2] is not None), default=air.temperature)
        air.co2 = max((r[3] for r in air.sensors.values() if r[3] is not None), default=air.co2)
        self._look(facility, self.of_air, zone)

    # -- seconds ------------------------------------------------------------------------------
    def _close(self, facility: Facility, out: list[Alert | Features]) -> None:
        second, timers, plan = facility.second, facility.timers, facility.plan
        assert plan is not None
        if facility.gateways_down:
            facility.gateway_s = second
        for camera, rooms in plan.rooms_of.items():
            if second - facility.frame_s.get(camera, facility.since_s) >= BAND_SILENT_S:
                for room in rooms:
                    self._look(facility, self.of_camera, room)
        for place, timer in list(timers.items()):
            check, entity = self.checks[place[0]], place[1]
            true = check.holds(facility, entity)
            since, last_true, raised = timer
            if true:
                timer[0] = since = second if since < 0 else since
                timer[1] = second
                quiet = facility.quiet.get(place, 0)
                if raised < 0 and second - since >= check.hold and second >= quiet:
                    facility.quiet.pop(place, None)
                    timer[2] = since
                    out.append(Alert(check.id, entity, since, second, None))
                continue
            borne = check.lapse if true is False else max(check.gap, check.lapse)
            if since >= 0 and second - last_true > borne:
                timer[0] = -1
            if raised >= 0 and second - last_true > check.clear_after:
                facility.quiet[place] = int(second + check.cooldown)
                timer[2] = -1
                out.append(Alert(check.id, entity, raised, second, last_true + 1))
            if timer[0] < 0 and timer[2] < 0:
                del timers[place]
        seen = [
            (p.key, p.zone, p.x, p.y, p.speed, p.posture, p.role)
            for p in facility.people.values()
            if p.seen_s == second
        ]
        rooms_now = {room: len(names) for room, names in facility.members.items() if names}
        near = [(pair, *found) for pair, found in facility.meetings.items()]
        out.append(Features(second, orjson.dumps({"people": seen, "rooms": rooms_now, "near": near})))


def _person(facility: Facility, event: dict[str, Any]) -> None:
    person = facility.people.get(event["subject"])
    if person is None:
        person = facility.people[event["subject"]] = Person(event["subject"])
    if not event.get("present", True):
        person.registered, person.role_listed, person.block = False, "unknown", ""
        person.limits, person.heard_s, person.fallen = LIMITS, NEVER, False
        return
    person.registered, person.role_listed = True, event.get("role", "detainee")
    person.block = event.get("block", "")
    names = ("heart_rate_min", "heart_rate_max", "spo2_min")
    person.limits = tuple(event.get(name, given) for name, given in zip(names, LIMITS, strict=True))


def _device(facility: Facility, event: dict[str, Any]) -> None:
    device, good = event["device"], event["state"] == "ok"
    if event["kind"] == "gateway":
        (facility.gateways_down.discard if good else facility.gateways_down.add)(device)
    elif event["kind"] == "camera":
        (facility.camera_down.discard if good else facility.camera_down.add)(device)
        if not good and facility.frame_s.get(device) == facility.second:
            facility.frame_s[device] = facility.frame_before_s[device]
