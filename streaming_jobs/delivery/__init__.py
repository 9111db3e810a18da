"""The response at work: alerts off the topic, decisions kept, pushes delivered until they arrive or are shown as dead.

``journal`` keeps inputs, pushes and time lines in SQLite; ``desk`` decides and stores in one transaction; ``feed``
brings the alerts; ``courier`` delivers through channels and tries again.
"""
