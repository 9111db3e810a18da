"""Events in over HTTP and MQTT: whose key it is, how much it may send, whether it is an event; then the landing.

What is taken is on the disk before the sender hears so: the gateway writes spool files of the landing, and the
landing sends, counts and quarantines them as it does any others.
"""

from ingestion.gateway.check import judge, split_body
from ingestion.gateway.devices import Device, Devices
from ingestion.gateway.inbox import Full, Inbox
from ingestion.gateway.quota import Quotas

__all__ = ["Device", "Devices", "Full", "Inbox", "Quotas", "judge", "split_body"]
