"""Rules on real public recordings beside their labels, the tables of docs/real_data.md: `make bench-realdata`."""

from __future__ import annotations

from tests.support import real_tracks, wrist_falls


def main() -> None:
    """Print all tables."""
    real_tracks.say(print)
    print()
    wrist_falls.say(print)


if __name__ == "__main__":
    main()
