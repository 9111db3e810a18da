"""The visual comparison sees a chart that is gone, and not a clock that went on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.looks import WIDTH, Grey, difference, small


@pytest.fixture
def page() -> Grey:
    """White boxes on grey with dark bars in them, as a dashboard."""
    drawn = np.full((400, WIDTH), 240, np.uint8)
    for top in range(20, 380, 90):
        for left in (10, 165):
            drawn[top : top + 80, left : left + 145] = 255
            for bar in range(8):
                drawn[top + 70 - 7 * bar : top + 75, left + 10 + 16 * bar : left + 20 + 16 * bar] = 60
    return drawn


def test_the_same_page_is_no_different(page: Grey) -> None:
    assert difference(page, page.copy()) == 0


def test_a_chart_that_is_gone_is_seen(page: Grey) -> None:
    other = page.copy()
    other[20:100, 10:155] = 255
    assert difference(page, other) > 0.02


def test_a_word_that_changed_is_not(page: Grey) -> None:
    other = page.copy()
    other[5:12, 20:60] = 120
    assert difference(page, other) < 0.01


def test_a_page_of_another_height_is_another_page(page: Grey) -> None:
    assert difference(page, page[:300]) == 1


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.png"):
        small(tmp_path / "gone.png")
