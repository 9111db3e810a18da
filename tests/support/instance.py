"""A real instance for a test: own home, own ports, real services; nothing is left running."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.instance import start_services, stop_services
from infra.settings import Settings, load_settings


@contextmanager
def instance(home: Path, services: Sequence[str] = ("broker",)) -> Iterator[Settings]:
    """Start the named services under `home`, yield the settings, stop whatever runs there.

    SAFEHOLD_HOME points at it meanwhile, so that a `safehold` started by the test finds it too.
    """
    before = os.environ.get("SAFEHOLD_HOME")
    os.environ["SAFEHOLD_HOME"] = str(home)
    try:
        settings = load_settings()
        try:
            if services:
                for _ in start_services(settings, services):
                    pass
            yield settings
        finally:
            stop_services(settings)
    finally:
        if before is None:
            del os.environ["SAFEHOLD_HOME"]
        else:
            os.environ["SAFEHOLD_HOME"] = before


@pytest.fixture(scope="module")
def broker_instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One broker for all tests of a module: its name is enough as a test's argument.

    Tests that share it must tell their records apart, by source or facility.
    """
    if shutil.which("java") is None:
        pytest.fail("this test needs Java 17: there is no program java")
    with instance(tmp_path_factory.mktemp("home"), ("broker",)) as settings:
        yield settings
