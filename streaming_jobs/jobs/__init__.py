"""The Flink job around the fold, and its start, watch, stop and recovery."""
