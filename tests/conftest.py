"""What every test may count on."""

from hypothesis import settings

from tests.support.instance import broker_instance

__all__ = ["broker_instance"]

# How long an example takes says something about the machine's load, nothing about the law.
settings.register_profile("safehold", deadline=None)
settings.load_profile("safehold")
