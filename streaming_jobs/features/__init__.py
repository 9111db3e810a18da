"""Features: what can be known of a facility in one second, as arrays per grain.

``world`` is what is remembered of people and cameras, ``perceive`` brings a second's events into it,
``sheet`` says who gets a row, and each file of ``domains`` fills its own columns. No Flink, no clock.
"""
