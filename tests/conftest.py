"""Fixtures that every test may ask for."""

from tests.support.instance import broker_instance

__all__ = ["broker_instance"]
