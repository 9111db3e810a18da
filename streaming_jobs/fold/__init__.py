"""The fold of one facility's records: admit or quarantine, order by event time, decide second by second.

Pure: bytes and a state in, rows and a state out. The result depends on the order of the facility's
records in its partition alone, never on how they were batched, when they were read, or on a clock;
so a restart, a replay and a unit test give the same rows.

``admit`` checks one record; ``facility`` is the fold itself; ``codec`` writes its state as bytes;
``envelope`` is the form in which a record comes from the JVM.
"""
