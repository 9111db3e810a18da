"""Risk of 100,000 persons in state: updates a second, bytes a person, time to restore: `make bench-risk`.

One event a person comes in (assessments, complaints, interrogations, visits, fevers, alerts), with a row and its
words each; then an hour in which everybody is reviewed. CPU seconds of one process, which is one facility's fold.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from typing import Any

from ingestion.sources.simulator import Scenario
from ingestion.sources.simulator.careers import careers
from streaming_jobs.catalogue import load_code_rules, load_scorecards
from streaming_jobs.features.world import Person
from streaming_jobs.fold.admit import DECODER
from streaming_jobs.fold.people import People
from streaming_jobs.risk.scored import Cards

PEOPLE = 100_000
DAY_S = 86_400


def main(people: int = PEOPLE) -> None:
    """Print one JSON object."""
    cards = Cards([card for card in load_scorecards() if card.grain == "person"])
    scenario = Scenario()
    begin = scenario.start_ms // 1000
    on, state, persons = date(2026, 11, 23), People(load_code_rules()), dict[str, Person]()
    history: list[list[Any]] = []
    for career in careers(scenario, people // 20, 30):
        for copy in range(20):  # the same lives under other names: what they cost is what counts
            subject = f"{career.subject}-{copy}"
            persons[subject] = Person("detainee", "A", "A1")
            events = [
                DECODER.decode(e.model_copy(update={"subject": subject}).model_dump_json()) for e in career.events
            ]
            history.append([e for e in events if getattr(e, "present", True)])
    for events in history:
        state.risks.update("f", persons, cards, events[:-1], [], begin - 2 * DAY_S, on)
    given = [[event for events in history[n : n + 100] for event in events[-1:]] for n in range(0, people, 100)]
    started = time.process_time()
    rows = sum(
        len(state.risks.update("f", persons, cards, events, [], begin + 1 + second, on))
        for second, events in enumerate(given)
    )
    updated_s = time.process_time() - started
    started = time.process_time()
    for second in range(begin + 4000, begin + 7600):
        state.risks.update("f", persons, cards, [], [], second, on)
    reviewed_s = time.process_time() - started
    started = time.process_time()
    saved = state.saved()
    saved_s = time.process_time() - started
    again = People(load_code_rules())
    started = time.process_time()
    again.restore(saved)
    restored_s = time.process_time() - started
    if again.saved() != saved:
        sys.exit("the restored state is another one")
    figures = {
        "people": len(state.risks.records),
        "updates": rows,
        "updates_per_s": round(rows / updated_s),
        "reviews_per_s": round(len(state.risks.records) / reviewed_s),
        "state_bytes_per_person": round(len(saved) / len(state.risks.records), 1),
        "save_s": round(saved_s, 2),
        "restore_s": round(restored_s, 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
