"""Features: what can be known of a facility in one second, as arrays per grain.

``registry`` names every feature with its unit; ``world`` keeps what must be remembered between
seconds; ``compute`` turns one second of events into feature matrices. No Flink, no clock.
"""
