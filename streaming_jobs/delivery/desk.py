"""The desk: takes inputs one after the other, decides, and stores the decision with all that follows from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ingestion.contracts import CaseStep, Event, TerminalEvent
from streaming_jobs.delivery.journal import Journal
from streaming_jobs.response import AlertStep, Answer, Case, CaseEvent, Decision, Input, Plan, State, Tick, decide
from streaming_jobs.response.recipients import kind_of
from streaming_jobs.response.state import decode, encode

SNAPSHOT_EVERY = 2000
EVENTS_CHANNEL = "events"
DEVICE = "response"


class Desk:
    """Threads may call it; they take turns. ``clock`` gives ms; ``channels`` gives those of an address."""

    def __init__(
        self,
        path: Path,
        plan: Plan,
        clock: Callable[[], int],
        channels: Callable[[str], Iterable[str]] = lambda address: (),
    ) -> None:
        self.plan, self._clock, self._channels = plan, clock, channels
        self.journal = Journal(path)
        self._lock = threading.RLock()
        self._heard: list[Callable[[set[str]], None]] = []
        self.state = self._restored()
        self._until_snapshot = SNAPSHOT_EVERY

    def _restored(self) -> State:
        kept = self.journal.snapshot()
        state = State() if kept is None else decode(kept[1])
        for at, said in self.journal.inputs_after(0 if kept is None else kept[0]):
            decide(self.plan, state, said, at)
        return state

    def on_pushes(self, listener: Callable[[set[str]], None]) -> None:
        """Call with the addresses that got something, after it is stored. An empty address is the outbox."""
        self._heard.append(listener)

    def close(self) -> None:
        """Store the state, so that the next start is quick."""
        with self._lock:
            self.journal.keep_snapshot(encode(self.state))
            self.journal.close()

    def tick(self) -> None:
        """Do what is due, if anything is."""
        due = self.next_due()
        if due is not None and due <= self._clock():
            self.take([Tick()])

    def next_due(self) -> int | None:
        """When the next tick has something to do, ms."""
        return self.state.next_due()

    def take(
        self,
        inputs: Sequence[Input],
        positions: Mapping[int, int] | None = None,
        also: Callable[[Journal, list[Decision]], None] = lambda journal, decisions: None,
    ) -> list[Decision]:
        """Decide and store; what is returned is on the disk.

        Args:
            positions: next offsets of the topic of alerts, stored with what came before them.
            also: what else is to be stored in the same transaction.
        """
        with self._lock:
            try:
                with self.journal.transaction():
                    decisions = self._take(inputs, positions or {})
                    also(self.journal, decisions)
            except BaseException:
                # The transaction is rolled back, and the state may be half way: take it up again from the disk.
                self.state = self._restored()
                raise
            self._until_snapshot -= len(inputs)
            if self._until_snapshot <= 0:
                self.journal.keep_snapshot(encode(self.state))
                self.journal.prune(self._clock())
                self._until_snapshot = SNAPSHOT_EVERY
        touched = {push.address for decision in decisions for push in decision.pushes}
        if any(decision.events for decision in decisions):
            touched.add("")
        if touched:
            for listener in self._heard:
                listener(touched)
        return decisions

    def enter(
        self, key: str, said: Input | None, also: Callable[[Journal, int], None] = lambda journal, at: None
    ) -> dict[str, Any]:
        """An entry of a terminal, done once: the same key again gets the first reply. ``refused``: a code or empty."""
        with self._lock:
            known = self.journal.reply_to(key)
            if known is not None:
                return known
            reply: dict[str, Any] = {"refused": ""}

            def keep(journal: Journal, decisions: list[Decision]) -> None:
                reply["refused"] = next((d.refused for d in decisions if d.refused), "")
                if not reply["refused"]:
                    also(journal, self._clock())
                journal.set_reply(key, self._clock(), reply)

            self.take([said] if said is not None else [], also=keep)
        for listener in self._heard:
            listener({""})
        return reply

    def _take(self, inputs: Sequence[Input], positions: Mapping[int, int]) -> list[Decision]:
        decisions = []
        for said in inputs:
            if isinstance(said, AlertStep) and not self.journal.is_new(said.alert, said.step):
                continue
            at = max(self._clock(), self.state.at)
            self.journal.add_input(at, said)
            decision = decide(self.plan, self.state, said, at)
            self.journal.add_pushes(decision.pushes)
            self.journal.add_entries(decision.events)
            self._post(decision, said)
            decisions.append(decision)
        self.journal.set_positions(positions)
        return decisions

    def _post(self, decision: Decision, said: Input) -> None:
        """What follows goes into the outbox: pushes to channels, steps and answers to the topic of events."""
        for push in decision.pushes:
            for channel in self._channels(push.address):
                self.journal.add_delivery(channel, push.id, msgspec.json.encode(push), push.at)
        for entry in decision.events:
            case = self.state.cases[entry.case]
            for event in (case_step(case, entry), *answers_of(case, entry, said)):
                self.journal.add_delivery(EVENTS_CHANNEL, event.facility, event.model_dump_json().encode(), entry.at)


def facility_time(case: Case, at: int) -> int:
    """When something about a case happened, by the facility's own clock (ms).

    An alert from a replay is hours or years away from now: steps of its case count from its own time, or one
    event would push the clock of the replay to today.
    """
    return at if not case.received_late else case.first.raised_at + (at - case.opened_at)


def case_step(case: Case, entry: CaseEvent) -> CaseStep:
    """The event of an entry in a time line. Notes tell that they exist, not what they say."""
    return CaseStep(
        facility=case.first.facility,
        event_time=facility_time(case, entry.at),
        device=DEVICE,
        case=case.id,
        number=entry.number,
        step=entry.kind,
        rule=case.first.rule,
        severity=case.severity,
        zone=case.first.zone or None,
        post=entry.post or None,
        officer=entry.officer or None,
        alert=entry.alert or None,
        detail=entry.detail,
    )


def answers_of(case: Case, entry: CaseEvent, said: Input) -> list[Event]:
    """An answer that counts, told to every alert of the case: by these events stf-12 hears that somebody answered."""
    if entry.kind != "answered" or not isinstance(said, Answer):
        return []
    return [
        TerminalEvent(
            facility=case.first.facility,
            event_time=facility_time(case, entry.at),
            device=DEVICE,
            action=said.action,
            post=kind_of(entry.post),
            officer=entry.officer or None,
            alert=alert,
            reason=said.reason,
        )
        for alert in case.holds
    ]
