"""`python3 -m infra.setup`: set up what is missing, in order; a second run finds it all and ends at once."""

import sys

if sys.version_info[:2] != (3, 11):
    found = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"setup: this is Python {found}, but Safehold needs 3.11\n  do: install it, or make PYTHON=<path> setup")

from infra.setup.steps import main

main()
