"""How well hidden reports are found, on simulated truth: shares of hiding and of honest facilities that are flagged.

Prints one JSON object a line: ``spread`` is the variance of the facilities' rates that no evidence explains,
``hidden`` the share of their incidents that the hiding facilities (1 in 20) leave out. Hiding facilities count where
20 incidents or more are expected.

    python -m tests.bench.underreporting [--worlds 20]
"""

from __future__ import annotations

import argparse
import itertools
import json

import numpy as np

from tests.unit.test_underreporting import LOW, share_flagged, world

SURELY = {"improbably_low"}


def main() -> None:
    """Print the shares for each size, spread and hidden share."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=20)
    count = parser.parse_args().worlds
    for facilities, spread, hidden in itertools.product((40, 200), (0.01, 0.03, 0.1), (0.5, 0.75)):
        worlds = [
            world(seed, facilities=facilities, hiding=facilities // 20, hidden=hidden, spread=spread)
            for seed in range(count)
        ]
        shares = {
            "hiding_low": share_flagged(worlds, hiding=True, flags=LOW, at_least=20)[0],
            "hiding_improbably_low": share_flagged(worlds, hiding=True, flags=SURELY, at_least=20)[0],
            "honest_low": share_flagged(worlds, hiding=False, flags=LOW)[0],
            "honest_improbably_low": share_flagged(worlds, hiding=False, flags=SURELY)[0],
        }
        rounded = {name: float(np.round(share, 4)) for name, share in shares.items()}
        print(json.dumps({"facilities": facilities, "spread": spread, "hidden": hidden, **rounded}))


if __name__ == "__main__":
    main()
