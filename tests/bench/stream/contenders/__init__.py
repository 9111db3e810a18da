"""One program a contender: reads the topic to its end, writes alerts and features to the lake, ends."""
