"""Instances that the integration tests share."""

from tests.support.superset import running

__all__ = ["running"]
