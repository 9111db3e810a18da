"""Samples of the platform itself while the demo's job runs, for the page of the job's health."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from infra.demo.steps import InBackground
from infra.observation.observe import Observer, follow
from infra.settings import Settings

EVERY_S = 3.0
"""The demo's job runs for a minute or two; a live instance is looked at every minute."""


@contextmanager
def watched(settings: Settings) -> Iterator[None]:
    """Look at the job meanwhile, and at the lake's tables when it has ended well."""
    over = Event()
    watch = InBackground(lambda: follow(settings, EVERY_S, over.is_set, lambda text: None, tables=False))
    try:
        yield
    finally:
        over.set()
        watch.finish()
    observer = Observer(settings)
    try:
        observer.tables(int(time.time() * 1000))
    finally:
        observer.close()
