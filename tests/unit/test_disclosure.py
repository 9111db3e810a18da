"""Disclosure control: what is withheld cannot be worked out, and what was published stays published."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from batch_jobs.disclosure.audit import GIVEN_AWAY, audit, given_away
from batch_jobs.disclosure.cells import Cells, Flags, Protection
from batch_jobs.disclosure.history import Released, released, together
from batch_jobs.disclosure.suppression import suppress
from quality.attack.reader import Contradiction, Found, Statement, find
from tests.support.linked_tables import Country, statements_of

THREE = Protection(threshold=3)


def grid(inner: list[list[int]], public: str = "", sensitive: str = "small") -> Cells:
    """A table with its totals; ``public`` says which are: "" none, "totals" all of them."""
    table = np.array(inner, dtype=np.int64)
    rows, columns = table.shape
    full = np.block([[table, table.sum(1, keepdims=True)], [table.sum(0, keepdims=True), table.sum().reshape(1, 1)]])
    place = np.arange(full.size).reshape(full.shape)
    sums = [(place[r, -1], place[r, :-1]) for r in range(rows + 1)]
    sums += [(place[-1, c], place[:-1, c]) for c in range(columns + 1)]
    relations = np.zeros((len(sums), full.size), dtype=np.int64)
    for k, (total, parts) in enumerate(sums):
        relations[k, parts], relations[k, total] = 1, -1
    n, values = full.size, full.ravel()
    total = np.ones(full.shape, dtype=bool)
    total[:-1, :-1] = False
    of_policy = total.ravel() & (public == "totals")
    return Cells(
        values=values,
        relations=csr_array(relations),
        public=of_policy,
        hidden=np.zeros(n, dtype=bool),
        sensitive=THREE.small(values) & ~of_policy,
        rank=total.ravel().astype(np.int64),
        weight=1.0 + values,
        floor=np.zeros(n, dtype=np.int64),
    )


def pinned(cells: Cells, withheld: Flags, limits: dict[int, tuple[int, int]] | None = None) -> dict[int, Found]:
    """Withheld cells of which the reader finds the number."""
    found = find(statements_of(cells, withheld), limits or {})
    return {n: what for n, what in found.items() if what.pinned and withheld[n]}


def test_a_single_withheld_cell_is_the_total_less_the_others() -> None:
    cells = grid([[1, 20, 30], [40, 50, 60], [70, 80, 90]])
    naive = pinned(cells, cells.sensitive)
    assert {cell: found.low for cell, found in naive.items()} == {0: 1}
    assert [bound.fault for bound in audit(cells, cells.sensitive, THREE)] == ["recovered"]


def test_a_cycle_of_four_protects_a_cell_of_a_table_with_totals() -> None:
    cells = grid([[1, 20, 30], [40, 50, 60], [70, 80, 90]], public="totals")
    decision = suppress(cells, THREE)
    assert decision.withheld[0]
    assert decision.withheld.sum() == 4
    assert pinned(cells, decision.withheld) == {}
    bounds = {bound.cell: (bound.low, bound.high) for bound in audit(cells, decision.withheld, THREE, exact=True)}
    assert bounds[0][0] == 0
    assert bounds[0][1] >= 3


def test_withheld_cells_that_are_all_small_may_protect_one_another_too_little() -> None:
    # Both rows add up to 2: each of the four is at most 2, so none is hidden among the numbers up to 3.
    cells = grid([[1, 1, 9], [1, 1, 9], [9, 9, 9]])
    faults = {bound.fault for bound in audit(cells, cells.sensitive, THREE)}
    assert faults == {"unprotected"}
    assert not any(bound.fault for bound in audit(cells, suppress(cells, THREE).withheld, THREE))


def test_what_public_cells_give_away_by_themselves_is_named_as_a_fault_of_the_policy() -> None:
    cells = grid([[2, 0], [0, 0]], public="totals")
    decision = suppress(cells, THREE)
    assert np.flatnonzero(decision.known).tolist() == [0]
    assert not decision.withheld.any()
    assert np.flatnonzero(given_away(cells, decision.known)).tolist() == [0]
    assert [bound.fault for bound in audit(cells, cells.sensitive, THREE)] == [GIVEN_AWAY]


def test_public_totals_cap_how_far_a_cell_can_stay_open() -> None:
    cells = grid([[1, 1], [1, 1]], public="totals")
    decision = suppress(cells, THREE)
    assert [(bound.low, bound.high, bound.fault) for bound in audit(cells, decision.withheld, THREE)] == [
        (0, 2, "")
    ] * 4


def test_a_floor_that_everybody_knows_is_no_fault_of_the_suppression() -> None:
    cells = grid([[1, 20], [30, 40]])
    floor = cells.floor.copy()
    floor[0] = 1
    known = Cells(**{**vars(cells), "floor": floor})
    bounds = audit(known, suppress(known, THREE).withheld, THREE)
    assert [(bound.low, bound.fault) for bound in bounds if bound.cell == 0] == [(1, "")]


def test_to_say_which_cells_are_withheld_for_being_small_would_give_them_away() -> None:
    # Three withheld in a row with the total 3. If all are known to be small, each is 1.
    cells = grid([[1, 1, 1, 50], [50, 50, 50, 50]], public="")
    withheld = cells.sensitive.copy()
    withheld[5:8] = True
    assert pinned(cells, withheld) == {}
    with_reasons = pinned(cells, withheld, dict.fromkeys(range(3), (1, 2)))
    assert {cell: found.low for cell, found in with_reasons.items() if cell < 3} == {0: 1, 1: 1, 2: 1}


def window_cells(months: list[int], of: int) -> tuple[list[str], Cells]:
    """Months, and rolling sums of so many."""
    names = [f"month {m}" for m in range(len(months))] + [f"window {m}" for m in range(of - 1, len(months))]
    values = np.array(months + [sum(months[m - of + 1 : m + 1]) for m in range(of - 1, len(months))], dtype=np.int64)
    relations = np.zeros((len(names) - len(months), len(names)), dtype=np.int64)
    for k in range(len(relations)):
        relations[k, k : k + of], relations[k, len(months) + k] = 1, -1
    n = len(names)
    nothing = np.zeros(n, dtype=bool)
    zero = np.zeros(n, dtype=np.int64)
    return names, Cells(values, csr_array(relations), nothing, nothing, THREE.small(values), zero, 1.0 + values, zero)


def publish(before: Released | None, names: list[str], now: Cells) -> tuple[Released, list[str], Cells, Flags]:
    all_names, whole, place = together(before, names, now)
    withheld = suppress(whole, THREE).withheld
    assert {bound.fault for bound in audit(whole, withheld, THREE)} <= {"", GIVEN_AWAY}
    return released(all_names, whole, withheld, place), all_names, whole, withheld


def test_two_rolling_windows_differ_by_the_month_that_came_and_the_month_that_went() -> None:
    # Windows of two: 5+2, 2+6. The month of 2 is withheld; either window less its other month gives it.
    _, cells = window_cells([5, 2, 6], 2)
    assert {cell: found.low for cell, found in pinned(cells, cells.sensitive).items()} == {1: 2}
    assert pinned(cells, suppress(cells, THREE).withheld) == {}


def test_the_next_publication_does_not_give_away_what_the_last_one_withheld() -> None:
    first = publish(None, *window_cells([5, 9, 2, 6], 2))[0]
    again, names, whole, withheld = publish(first, *window_cells([5, 9, 2, 6, 7, 8], 2))
    assert pinned(whole, withheld | whole.hidden) == {}
    was = {name for name, public in zip(first.names, first.cells.public, strict=True) if public}
    stays = {name for name, public in zip(again.names, again.cells.public, strict=True) if public}
    assert was <= stays, "what was published stays published"
    # Forgetting the first publication, the second alone may withhold what the first has shown.
    assert not withheld[[names.index(name) for name in was]].any()


def test_a_corrected_count_is_a_new_number_and_may_be_withheld_though_the_old_one_was_shown() -> None:
    first = publish(None, *window_cells([5, 9, 8, 6], 2))[0]
    assert first.cells.public.all()
    second, names, whole, withheld = publish(first, *window_cells([5, 9, 2, 6], 2))
    corrected = [i for i, name in enumerate(names) if name == "month 2"]
    assert whole.values[corrected].tolist() == [8, 2]
    assert withheld[corrected].tolist() == [False, True]
    assert not second.cells.public[corrected[1]]


def test_a_correction_that_follows_from_what_was_shown_before_is_not_withheld_for_show() -> None:
    # All months and both windows were shown; the windows stay public. The corrected month is a window less the other.
    names, before = window_cells([5, 8, 6], 2)
    first = publish(None, names, before)[0]
    names, now = window_cells([5, 2, 6], 2)
    public = np.array([name.startswith("window") for name in names])
    _, whole, place = together(
        first, names, Cells(**{**vars(now), "public": public, "sensitive": now.sensitive & ~public})
    )
    decision = suppress(whole, THREE)
    assert decision.known[place].tolist() == [False, True, False, False, False]
    assert not decision.withheld.any()


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_nothing_withheld_in_random_linked_tables_can_be_worked_out(seed: int) -> None:
    country = Country(np.random.default_rng(seed), THREE)
    before = None
    for names, now in country.publications():
        before, _, whole, withheld = publish(before, names, now)
        assert not any(found.pinned and withheld[n] for n, found in find(statements_of(whole, withheld), {}).items())


def test_the_attack_recovers_nearly_everything_where_only_small_cells_are_withheld() -> None:
    recovered = small = 0
    for seed in range(10):
        *_, (_, cells) = Country(np.random.default_rng(seed), THREE).publications()
        found = find(statements_of(cells, cells.sensitive), {}, programme=False)
        by_attack = {n for n, what in found.items() if what.pinned and cells.sensitive[n]}
        by_audit = {bound.cell for bound in audit(cells, cells.sensitive, THREE) if bound.fault == "recovered"}
        assert by_attack <= by_audit
        recovered, small = recovered + len(by_attack), small + int(cells.sensitive.sum())
    assert recovered > small / 2


Publication = tuple[list[str], Cells, Flags]
"""Names, cells and what is withheld."""


def recovered(earlier: Publication, now: Publication) -> int:
    """Cells withheld now that a reader of both publications pins down, knowing what was corrected between them."""
    names, cells, withheld = earlier
    _, whole, place = together(released(names, cells, withheld, np.arange(len(names))), now[0], now[1])
    unknown = whole.hidden.copy()
    unknown[place] |= now[2]
    unknown &= ~whole.public
    return len(pinned(whole, unknown).keys() & place[now[2]].tolist())


def test_a_reader_of_two_publications_recovers_numbers_only_where_the_second_forgets_the_first() -> None:
    forgetting = remembering = 0
    for seed in range(5):
        first, second = Country(np.random.default_rng(seed), THREE).publications()
        alone = [(*each, suppress(each[1], THREE).withheld) for each in (first, second)]
        forgetting += recovered(alone[0], alone[1])
        _, whole, place = together(released(*alone[0], np.arange(len(first[0]))), *second)
        with_history = suppress(whole, THREE).withheld[place]
        remembering += recovered(alone[0], (*second, with_history))
    assert remembering == 0
    assert forgetting > 0


def test_a_reader_whose_statements_cannot_all_hold_is_told_so() -> None:
    with pytest.raises(Contradiction):
        find([Statement({"a": 1, "b": 1}, 3), Statement({"a": 1}, 5)], {})


def test_cells_whose_sums_do_not_hold_are_refused() -> None:
    cells = grid([[1, 2], [3, 4]])
    wrong = cells.values.copy()
    wrong[0] = 9
    with pytest.raises(ValueError, match="sums do not hold"):
        Cells(**{**vars(cells), "values": wrong})
