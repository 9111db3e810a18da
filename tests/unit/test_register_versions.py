"""Which rows of an import are news, judged against the versions that a register holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ingestion.contracts import PopulationCount
from ingestion.registers.versions import Versions

DAY = {n: datetime(2024, 1, n, tzinfo=UTC) for n in range(1, 29)}


def count(population: int, known: int, *, source: str = "file", place: str = "330101") -> PopulationCount:
    return PopulationCount(
        known_from=DAY[known], source=source, place=place, place_kind="facility", day=date(2024, 1, 1),
        population=population,
    )  # fmt: skip


def judge(versions: Versions, row: PopulationCount, now: int, *, stated: bool = True) -> tuple[str, int]:
    verdict, known_from = versions.judge(row, DAY[now], stated=stated)
    return verdict, known_from.day


def test_a_row_known_by_its_import_is_new_then_unchanged_then_a_correction() -> None:
    versions = Versions(PopulationCount)
    assert judge(versions, count(10, 1), now=1, stated=False) == ("new", 1)
    assert judge(versions, count(10, 5), now=5, stated=False) == ("unchanged", 5)
    assert judge(versions, count(12, 6), now=6, stated=False) == ("correction", 6)
    assert judge(versions, count(10, 7), now=7, stated=False) == ("correction", 7)


def test_the_same_content_from_another_source_is_no_news() -> None:
    versions = Versions(PopulationCount)
    judge(versions, count(10, 1), now=1)
    assert judge(versions, count(10, 5, source="another"), now=5, stated=False)[0] == "unchanged"


def test_every_moment_that_a_file_states_is_a_version() -> None:
    versions = Versions(PopulationCount)
    assert judge(versions, count(10, 1), now=9) == ("new", 1)
    assert judge(versions, count(12, 3), now=9) == ("correction", 3)
    assert judge(versions, count(12, 4), now=9) == ("confirmed", 4)
    assert judge(versions, count(12, 4), now=9) == ("unchanged", 4)


def test_other_content_of_the_very_moment_is_learnt_at_the_import_and_only_once() -> None:
    versions = Versions(PopulationCount)
    judge(versions, count(10, 1), now=2)
    assert judge(versions, count(12, 1), now=9) == ("correction", 9)
    assert judge(versions, count(12, 1), now=10)[0] == "unchanged"
    assert judge(versions, count(10, 1), now=11)[0] == "unchanged"


def test_an_older_version_that_was_not_known_is_history_and_does_not_become_the_newest() -> None:
    versions = Versions(PopulationCount)
    judge(versions, count(12, 5), now=9)
    assert judge(versions, count(10, 1), now=9) == ("new", 1)
    assert judge(versions, count(11, 3), now=9) == ("correction", 3)
    assert judge(versions, count(12, 9), now=9, stated=False)[0] == "unchanged"


def test_a_change_of_the_past_does_not_override_what_is_known_since() -> None:
    versions = Versions(PopulationCount)
    judge(versions, count(10, 1), now=9)
    judge(versions, count(12, 5), now=9)
    assert judge(versions, count(11, 1), now=9)[0] == "superseded"


def test_rows_of_the_lake_count_in_any_order_and_whatever_their_time_zone_object() -> None:
    versions = Versions(PopulationCount)
    beijing = timezone(timedelta(hours=8))
    rows = [count(12, 5).model_dump(), count(10, 1).model_dump()]
    versions.load([row | {"known_from": row["known_from"].astimezone(beijing)} for row in rows])
    assert judge(versions, count(12, 5), now=9)[0] == "unchanged"
    assert judge(versions, count(10, 1), now=9)[0] == "unchanged"


ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 6), st.sampled_from("ab")), max_size=12, unique_by=lambda row: row[1:]
)


@given(ROWS)
def test_importing_any_file_a_second_time_adds_nothing(given_rows: list[tuple[int, int, str]]) -> None:
    rows = [count(population, known, place=place) for population, known, place in given_rows]
    versions = Versions(PopulationCount)
    for row in rows:
        versions.judge(row, DAY[20], stated=True)
    assert {versions.judge(row, DAY[21], stated=True)[0] for row in rows} <= {"unchanged"}


@given(ROWS, st.randoms())
def test_the_order_of_a_file_s_rows_does_not_matter(given_rows: list[tuple[int, int, str]], random: Random) -> None:
    rows = [count(population, known, place=place) for population, known, place in given_rows]
    shuffled = random.sample(rows, len(rows))
    ends = []
    for order in (rows, shuffled):
        versions = Versions(PopulationCount)
        for row in order:
            versions.judge(row, DAY[20], stated=True)
        ends.append(versions.known)
    assert ends[0] == ends[1]
