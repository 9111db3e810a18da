"""Setting up a fresh checkout: environments, jars, browser. Runs on plain Python, before anything is installed."""
