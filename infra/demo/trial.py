"""A version of a rule on trial beside the one in force, from the beginning of the demo's live part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from infra.deployment.change import Wanted, audited
from infra.settings import Settings
from ingestion.sources.record import Record
from streaming_jobs.catalogue import definition_of, load_catalogue

RULE = "cel-06"
HOLD_S = 20.0
"""The version in force waits 30 s before it says that somebody is down."""


def with_trial(settings: Settings, records: Iterable[Record], facilities: Sequence[str]) -> Iterator[Record]:
    """The records, and after each facility's site plan the change that puts the version on trial there."""
    current = load_catalogue()[RULE]
    tried = current.model_copy(
        update={"version": current.version + 1, "hold": HOLD_S, "parameters": {}, "mode": "shadow"}
    )
    wanted = Wanted(
        action="deploy",
        rule=RULE,
        by="e-1",
        why="whether ten seconds less find more falls",
        facilities=tuple(facilities),
        before=dict.fromkeys(facilities, definition_of(current)),
        definition=definition_of(tried),
    )
    waiting = {record.key: record for record in audited(settings, wanted)[1]}
    for record in records:
        yield record
        if record.key in waiting and b'"type":"site_plan"' in record.value:
            yield waiting.pop(record.key)
