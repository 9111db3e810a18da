"""The deterministic state machine of response.

Grouping, waiting, repeating, inhibition, silences and mute times are those of Prometheus Alertmanager:
``group_by`` is facility, link (or rule) and zone; ``group_wait``, ``group_interval`` and ``repeat_interval`` are a
severity's ``wait``, ``interval`` and ``repeat``. Different on purpose: an alert that came and went within
the wait is still told once; ``repeat`` ends with the first answer and not with the condition; what is silenced
or inhibited opens a case all the same; critical alerts and alerts about staff are never held back; there is a
limit a post, above which pushes come as one list. Routes by labels are the rules' own ``notify`` and the
plan's subscriptions.
"""

from __future__ import annotations

import heapq
from typing import Any, NamedTuple

from ingestion.contracts import content_id
from streaming_jobs.response.muting import held_back
from streaming_jobs.response.plan import EscalationStep, Plan, fits
from streaming_jobs.response.recipients import addresses, is_accused, kind_of, may_close, refusal, told
from streaming_jobs.response.state import Called, Case, State
from streaming_jobs.response.words import (
    AlertStep,
    Answer,
    CaseEvent,
    EndSilence,
    Input,
    Note,
    Notice,
    Push,
    PushKind,
    Silence,
)

GRAVITY = ("notice", "minor", "major", "critical")
LATE_MS = 3_600_000
"""An alert that is received so much later (or earlier) than it was raised comes from a replay."""


class Decision(NamedTuple):
    """What follows from an input. ``refused``: why an answer or silence does not count, else empty."""

    pushes: list[Push]
    events: list[CaseEvent]
    refused: str = ""


def decide(plan: Plan, state: State, said: Input, at: int) -> Decision:
    """Move the state on by one input at ``at`` (ms; earlier times than the last one count as the last one).

    The state is changed in place: store it with the outcome, or neither.
    """
    state.at = at = max(at, state.at)
    desk = _Desk(plan, state, at)
    desk.catch_up()
    match said:
        case AlertStep():
            desk.alert(said)
        case Answer():
            desk.answer(said)
        case Note():
            desk.note(said)
        case Notice():
            desk.notice(said)
        case Silence():
            desk.silence(said)
        case EndSilence():
            state.silences.pop(said.id, None)
            desk.look_again()
    desk.catch_up()
    return Decision(desk.pushes, desk.events, desk.refused)


class _Desk:
    """One decision: the state before it, and what has come out of it so far."""

    def __init__(self, plan: Plan, state: State, at: int) -> None:
        self.plan, self.state, self.at = plan, state, at
        self.pushes: list[Push] = []
        self.events: list[CaseEvent] = []
        self.refused = ""

    # -- inputs -------------------------------------------------------------------------------
    def alert(self, said: AlertStep) -> None:
        if said.mode == "shadow":
            return
        if said.step == "cleared":
            self._cleared(said)
        elif said.alert not in self.state.case_of:
            self._raised(said)

    def _raised(self, said: AlertStep) -> None:
        severity = self.plan.unobservable.severity if said.verdict == "unobservable" else said.severity
        link = next((name for name, rules in self.plan.linkage.items() if said.rule in rules), said.rule)
        about = "staff" if said.about_staff else ""
        group = "|".join((said.facility, link, said.zone, said.verdict, said.accountable, about))
        case = self.state.cases.get(self.state.open_group.get(group, ""))
        if case is None:
            late = abs(self.at - said.raised_at) > LATE_MS
            name = content_id("case", group, said.alert)
            case = Case(name, group, said, said, severity, self.at, late, {}, {}, [])
            self.state.cases[name] = case
            self.state.open_group[group] = name
            self._tell(case, "opened", alert=said.alert, detail=said.rule)
        else:
            if GRAVITY.index(severity) > GRAVITY.index(case.severity):
                case.severity, case.shown = severity, said
            self._tell(case, "joined", alert=said.alert, detail=said.rule)
        case.holds[said.alert] = True
        self.state.case_of[said.alert] = case.id
        case.subjects += [subject for subject in said.subjects if subject not in case.subjects]
        for address in told(self.plan, said, self.at):
            case.called.setdefault(address, Called(self.at))
        if any(fits(one.source, said.rule) for one in self.plan.inhibitions):
            self.state.sources[case.id] = None
        self._settle(case)

    def _cleared(self, said: AlertStep) -> None:
        case = self.state.cases.get(self.state.case_of.get(said.alert, ""))
        if case is None or case.status == "closed" or not case.holds[said.alert]:
            return
        case.holds[said.alert] = False
        if any(case.holds.values()):
            return
        self._tell(case, "cleared", alert=said.alert)
        if case.severity in self.plan.closes_by_itself:
            self._close(case, "", "", "over")
        else:
            self._update(case)
        self.look_again()

    def answer(self, said: Answer) -> None:
        case = self.state.cases.get(said.case)
        if case is None:
            self.refused = "unknown_case"
            return
        if said.key in case.keys:
            return
        case.keys.append(said.key)
        self.refused = refusal(self.plan, case, said.post, said.officer, said.posts)
        if not self.refused and said.action == "false_alarm" and said.reason is None:
            self.refused = "no_reason"
        if self.refused:
            self._tell(case, "refused", said.post, said.officer, f"{said.action}: {self.refused}")
            return
        self._tell(case, "answered", said.post, said.officer, said.reason or said.action)
        if case.answered_at is None:
            case.answered_at = self.at
        ends = said.action in ("done", "false_alarm")
        if ends and may_close(self.plan, case, said.post):
            self._close(case, said.post, said.officer, said.action)
            return
        if ends:
            case.called[said.post].done = True
        if case.status == "open" or said.action == "on_scene":
            case.status = "on_scene" if said.action == "on_scene" else "acknowledged"
        self._update(case)

    def note(self, said: Note) -> None:
        case = self.state.cases.get(said.case)
        if case is None:
            self.refused = "unknown_case"
        elif said.key not in case.keys:
            case.keys.append(said.key)
            self._tell(case, "noted", said.post, said.officer, said.what)
            self._update(case)

    def notice(self, said: Notice) -> None:
        for post in said.posts:
            known = post in self.plan.posts
            found = addresses(self.plan, post, said.facility, said.zone) if known else [f"{post}@{said.facility}"]
            for address in found:
                name, body = content_id("push", said.key, address), {"cases": [], "notice": said.body}
                self.pushes.append(Push(name, address, "", "notice", self.at, False, body))

    def silence(self, said: Silence) -> None:
        """A post may silence what lies in its scope, for a limited time."""
        scope = said.post.partition("@")[2]
        if said.end <= said.begin or said.end - said.begin > self.plan.longest_silence_s * 1000:
            self.refused = "too_long"
        elif any(not name.rstrip("*").startswith(scope) for name in said.facilities):
            self.refused = "out_of_scope"
        else:
            ended = [name for name, one in self.state.silences.items() if one.end <= self.at]
            for name in ended:
                del self.state.silences[name]
            self.state.silences[said.id] = said

    # -- time ---------------------------------------------------------------------------------
    def catch_up(self) -> None:
        """Do everything that was due by now."""
        agenda = self.state.agenda
        while agenda and agenda[0][0] <= self.at:
            due, what = heapq.heappop(agenda)
            if "@" in what:
                self._list(what)
            elif (case := self.state.cases.get(what)) is not None and case.due == due:
                case.due = None
                self._settle(case)

    def look_again(self) -> None:
        """What held cases back may be gone."""
        for name in [*self.state.held]:
            self._settle(self.state.cases[name])

    def _settle(self, case: Case) -> None:
        """Push what is due, escalate what is due, and note when to look at the case again."""
        if case.status == "closed":
            if case.closed_at is not None and self.at >= case.closed_at + self.plan.keep_closed_s * 1000:
                self._forget(case)
            else:
                self._again(case, (case.closed_at or self.at) + self.plan.keep_closed_s * 1000)
            return
        held = held_back(self.plan, self.state, case, self.at)
        if held is not None:
            if case.held_back != held[0]:
                case.held_back = held[0]
                self.state.held[case.id] = None
                self._tell(case, "held_back", detail=held[0])
            self._again(case, held[1])
            return
        case.held_back = ""
        self.state.held.pop(case.id, None)
        clock = self.plan.clocks[case.severity]
        nexts = [
            *self._escalate(case, "unanswered", clock.unanswered, case.told_at if case.status == "open" else None),
            *self._escalate(case, "unfinished", clock.unfinished, case.answered_at),
        ]
        for address, called in case.called.items():
            kind, due = self._due(case, called)
            if due is not None and due <= self.at:
                self._push(case, address, called, kind, loud=True)
                kind, due = self._due(case, called)
            if due is not None:
                nexts.append(max(due, self.at + 1))
        self._again(case, min(nexts, default=None))

    def _due(self, case: Case, called: Called) -> tuple[PushKind, int | None]:
        clock = self.plan.clocks[case.severity]
        if called.told_at is None:
            if called.escalated:
                return "escalation", called.since
            return "alert", called.since + int(1000 * (clock.wait if case.told_at is None else 0))
        if called.news < len(case.holds):
            return "alert", called.told_at + int(1000 * clock.interval)
        if case.status == "open" and not called.done:
            return "repeat", called.told_at + int(1000 * clock.repeat)
        return "repeat", None

    def _escalate(self, case: Case, which: str, steps: list[EscalationStep], since: int | None) -> list[int]:
        while since is not None and (taken := getattr(case, which)) < len(steps):
            due = since + int(1000 * steps[taken].after)
            if due > self.at:
                return [due]
            setattr(case, which, taken + 1)
            for post in steps[taken].to:
                for address in addresses(self.plan, post, case.first.facility, case.first.zone):
                    if address in case.called or is_accused(case, address):
                        continue
                    case.called[address] = Called(self.at, escalated=True)
                    self._tell(case, "escalated", address, detail=which)
        return []

    def _again(self, case: Case, due: int | None) -> None:
        if due is not None and case.due != due:
            case.due = due
            self.state.schedule(due, case.id)

    # -- what comes out -----------------------------------------------------------------------
    def _push(self, case: Case, address: str, called: Called, kind: PushKind, *, loud: bool) -> None:
        """One push, or a place on the list of a post that has had its fill this minute."""
        first = called.told_at is None
        called.told_at, called.news = self.at, len(case.holds)
        case.told_at = self.at if case.told_at is None else case.told_at
        minute, count = self.state.sent.get(address, (0, 0))
        count = count if minute == self.at // 60_000 else 0
        if loud and case.severity != "critical":
            if count >= self.plan.limit_per_minute:
                if address not in self.state.waiting:
                    self.state.schedule((self.at // 60_000 + 1) * 60_000, address)
                self.state.waiting.setdefault(address, []).append(case.id)
                return
            self.state.sent[address] = (self.at // 60_000, count + 1)
        self._emit(case, address, kind, loud, {"cases": [self._view(case)]})
        if first or kind != "update":
            self._tell(case, "told", address, detail=kind)

    def _list(self, address: str) -> None:
        """All that was over the limit, as one push."""
        cases = [
            self.state.cases[n] for n in dict.fromkeys(self.state.waiting.pop(address, [])) if n in self.state.cases
        ]
        if not cases:
            return
        for case in cases:
            self._tell(case, "told", address, detail="list")
        self._emit(cases[0], address, "list", True, {"cases": [self._view(case) for case in cases]})

    def _emit(self, case: Case, address: str, kind: PushKind, loud: bool, body: dict[str, Any]) -> None:
        called = case.called[address]
        called.pushes += 1
        name = content_id("push", case.id, address, called.pushes)
        self.pushes.append(Push(name, address, case.id, kind, self.at, loud, body))

    def _update(self, case: Case) -> None:
        """The screens of all posts that know of the case show how it stands."""
        for address, called in case.called.items():
            if called.told_at is not None:
                told_at, news = called.told_at, called.news
                self._push(case, address, called, "update", loud=False)
                called.told_at, called.news = told_at, news  # an update is no reminder
        self._settle(case)

    def _close(self, case: Case, post: str, officer: str, how: str) -> None:
        case.status, case.closed_at = "closed", self.at
        self.state.open_group.pop(case.group, None)
        self.state.sources.pop(case.id, None)
        self.state.held.pop(case.id, None)
        self._tell(case, "closed", post, officer, how)
        for address, called in case.called.items():
            # Also to those who were not told yet: no alert stays without a post.
            self._push(case, address, called, "alert" if called.told_at is None else "update", loud=False)
        self._settle(case)
        self.look_again()

    def _forget(self, case: Case) -> None:
        del self.state.cases[case.id]
        for alert in case.holds:
            self.state.case_of.pop(alert, None)

    def _tell(
        self, case: Case, kind: Any, post: str = "", officer: str = "", detail: str = "", alert: str = ""
    ) -> None:
        self.events.append(CaseEvent(case.id, case.events, self.at, kind, post, officer, detail, alert))
        case.events += 1

    def _view(self, case: Case) -> dict[str, Any]:
        """The case as a screen shows it. No note, no answer's author: those are on the case's own page."""
        first, shown = case.first, case.shown
        return {
            "case": case.id,
            "status": case.status,
            "severity": case.severity,
            "rule": shown.rule,
            "verdict": first.verdict,
            "facility": first.facility,
            "zone": first.zone,
            "title": shown.title,
            "advice": shown.advice,
            "cameras": list(shown.cameras),
            "subjects": case.subjects,
            "alerts": len(case.holds),
            "holds": any(case.holds.values()),
            "raised_at": first.raised_at,
            "opened_at": case.opened_at,
            "about_staff": first.about_staff,
            "accountable": first.accountable,
            "called": sorted(case.called, key=lambda address: (self.plan.posts[kind_of(address)].rank, address)),  # type: ignore[index]
            "at": self.at,
            "events": case.events,
        }
