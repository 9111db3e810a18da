"""`python -m infra.cli` is `safehold`."""

from infra.cli import main

main()
