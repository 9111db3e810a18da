"""Where events come from: the simulator and the replays of files. A source is an iterator of records."""
