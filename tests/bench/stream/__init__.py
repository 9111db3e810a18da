"""The stream benchmark: our job and other ways to write the same thing, on the same events of one broker.

`make bench-stream` prints the table; docs/benchmarks.md says what is and what is not equivalent.
``load`` makes the events, ``common`` says which rules all contenders run, ``ruleset`` is their one
implementation of rule logic per event, ``contenders/`` holds one program each, ``measure`` runs a
program and adds up the CPU of all its processes.
"""
