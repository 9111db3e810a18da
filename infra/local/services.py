"""The services of an instance, in the order in which they start."""

from __future__ import annotations

from infra.local.broker import Broker
from infra.local.clock import Clock
from infra.local.gateway import GatewayService
from infra.local.mqtt import MqttBroker
from infra.local.observe import Observe
from infra.local.service import Service
from infra.local.superset import Superset
from infra.settings import UserError

SERVICES: tuple[Service, ...] = (Broker(), GatewayService(), Superset())
"""What `safehold up` starts where no service is named."""

BY_NAME: tuple[Service, ...] = (Clock(), MqttBroker(), Observe())
"""Started only where named: the clock would close the seconds of a finite replay by today's time, the MQTT
broker is not installed everywhere, and nothing is measured unasked."""

ALL = (SERVICES[0], *BY_NAME, *SERVICES[1:])


def services_named(names: list[str]) -> list[Service]:
    """The named services in the order in which they start.

    Raises:
        UserError: no service has this name.
    """
    known = [service.name for service in ALL]
    if unknown := [name for name in names if name not in known]:
        raise UserError(f"there is no service {unknown[0]!r}", where="--only", do=f"use one of: {', '.join(known)}")
    return [service for service in ALL if service.name in names]
