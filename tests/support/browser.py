"""The browser of browser tests: a real one, or a skip that says why; in CI its absence is a failure."""

from __future__ import annotations

import os

import pytest

from dashboards.pictures import find_browser


def browser_path() -> str:
    """Path of a Chromium for a test marked `browser`.

    Where there is none the test is skipped, but fails where CI is set: a green run there means that
    the pages were seen.
    """
    if found := find_browser():
        return found
    message = "no Chromium found: install chromium and fonts-noto-cjk, or name one in SAFEHOLD_BROWSER"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
