"""How it runs: settings, command line, process control, jars, profiles."""
