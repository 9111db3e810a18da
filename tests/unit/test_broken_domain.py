"""A feature domain whose code raises takes neither the job nor the other domains with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ingestion.contracts import Event
from streaming_jobs.features.compute import REST_S, Wiring
from streaming_jobs.features.domain import Domain
from streaming_jobs.features.domains import alarms, sight
from streaming_jobs.features.domains import band as bands
from streaming_jobs.features.registry import COLUMNS, DOMAINS
from streaming_jobs.features.snapshot import decode
from streaming_jobs.fold.envelope import Received
from streaming_jobs.fold.facility import FoldConfig, Outputs
from tests.support.scene import T0, band, config, end, fall_and_fight, fold_all, received

T0_S = T0 // 1000
"""Second of the scene's beginning."""


def wired(*broken: Domain) -> FoldConfig:
    """The fold with some domains replaced by broken ones of the same name."""
    by_name = {domain.name: domain for domain in broken}
    return replace(config(), features=True, wiring=Wiring([by_name.get(d.name, d) for d in DOMAINS]))


def dividing_by_zero(*seconds: int) -> Domain:
    """The wristbands' features, which fail in some seconds of the scene after half of their columns are filled."""

    def compute(state: Any, sheet: Any) -> None:
        bands.DOMAIN.compute(state, sheet)
        if sheet.second - T0_S in seconds:
            1 // (sheet.second - sheet.second)

    return replace(bands.DOMAIN, compute=compute)


def choking_on(subject: str) -> Domain:
    """The wristbands' features, which cannot take a person's reading in."""

    def handle(state: Any, world: Any, second: int, event: Any) -> None:
        if event.subject == subject:
            raise KeyError(subject)
        bands.DOMAIN.handles["WristbandReading"](state, world, second, event)

    return replace(bands.DOMAIN, handles={**bands.DOMAIN.handles, "WristbandReading": handle})


def scene() -> list[Event]:
    """Somebody falls at 20 s and stays down; a fight of two others from 30 to 40 s; 150 s in all."""
    return [*fall_and_fight(fall_s=20, seconds=150), end(T0 + 150_000)]


def fold(settings: FoldConfig, records: Sequence[Received], cuts: Sequence[int] = ()) -> Outputs:
    """As the job does, restored at each cut."""
    return fold_all(records, cuts, settings=settings)


def raised(out: Outputs) -> list[tuple[str, int]]:
    return [(a["rule"], a["raised_at"] // 1000 - T0_S) for a in out.alert if a["step"] == "raised"]


def column(out: Outputs, feature: str) -> Iterator[tuple[int, bool]]:
    """Second of the scene, and whether a feature was observed for p-1 in it."""
    for row in out.features:
        rows = decode(row["grids"]).grains["subject"]
        value = rows.values[list(rows.keys).index("p-1"), COLUMNS["subject"][feature]]
        yield row["at"] // 1000 - T0_S, value == value


def test_its_features_are_missing_for_a_minute_and_all_other_rules_go_on() -> None:
    whole, broken = fold(wired(), received(scene())), fold(wired(dividing_by_zero(25)), received(scene()))
    assert ("hlt-03", 35) in raised(whole)
    assert [a for a in raised(broken) if a[0] != "hlt-03"] == [a for a in raised(whole) if a[0] != "hlt-03"]
    assert "cel-01" in {rule for rule, _ in raised(broken)}
    missing = {second for second, there in column(broken, "subject.fallen") if not there}
    assert missing == set(range(25, 25 + REST_S))


def test_it_is_tried_again_and_finds_what_it_remembers() -> None:
    broken = fold(wired(dividing_by_zero(25)), received(scene()))
    assert [second for rule, second in raised(broken) if rule == "hlt-03"] == [25 + REST_S + 15]
    ever = fold(wired(dividing_by_zero(*range(150))), received(scene()))
    assert "hlt-03" not in {rule for rule, _ in raised(ever)}


def test_the_rules_that_need_it_say_so_in_their_status_until_it_is_well_again() -> None:
    rows = fold(wired(dividing_by_zero(25)), received(scene())).rule_status
    said = [(r["since"] // 1000 - T0_S, r["mode"], r["detail"]) for r in rows if r["rule"] == "hlt-03"]
    assert [(since, mode) for since, mode, _ in said] == [(0, "active"), (25, "active"), (25 + REST_S, "active")]
    assert [detail for _, _, detail in said] == [
        "",
        "features band are unobservable: ZeroDivisionError: integer division or modulo by zero",
        "",
    ]
    assert len([r for r in rows if r["rule"] == "cel-01"]) == 1


def test_a_replay_cut_anywhere_gives_the_same_bit_for_bit() -> None:
    records = received(scene())
    settings = wired(dividing_by_zero(25, 26, 90), choking_on("p-1"))
    whole = fold(settings, records)
    for cuts in ([len(records) // 4, len(records) // 2], range(50, len(records), 97)):
        again = fold(settings, records, list(cuts))
        for name in ("quarantine", "alert", "risk", "rule_status", "features"):
            assert getattr(again, name) == getattr(whole, name), name


def test_a_record_that_it_cannot_take_in_is_quarantined_with_its_bytes_and_counts_hold() -> None:
    records = received([*scene()[:-1], band("p-2", T0 + 149_000, motion="fall"), end(T0 + 200_000)])
    out = fold(wired(choking_on("p-2")), records, [len(records) // 2, len(records) - 1])
    (row,) = out.quarantine
    (mine,) = [r for r in records if b'"p-2"' in (r.payload or b"")]
    assert (row["reason"], row["landed"], row["raw"]) == ("domain_fault", True, mine.payload)
    assert (row["topic_offset"], row["received_at"], row["source"]) == (mine.offset, mine.received_at, mine.source)
    assert row["detail"].startswith("band: KeyError: 'p-2'")
    assert sum(r["records"] for r in out.ledger) == len(records) == sum(r["accepted"] for r in out.ledger)
    assert ("hlt-03", 35) in raised(out)
    assert not [r for r in out.rule_status if r["detail"]]


@pytest.mark.parametrize(
    "broken",
    [
        replace(alarms.DOMAIN, hears=lambda state, second, rows: rows[99]),
        replace(sight.DOMAIN, pairs=lambda state: state.nothing),
    ],
    ids=["hearing of alerts", "naming pairs"],
)
def test_a_fault_in_any_other_part_of_it_rests_the_domain_too(broken: Domain) -> None:
    out = fold(wired(broken), received(scene()))
    assert {rule for rule, _ in raised(out)} >= {"hlt-03"}
    assert f"features {broken.name} are unobservable" in json.dumps(out.rule_status)
