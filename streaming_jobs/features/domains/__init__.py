"""One file a domain: its features, what it remembers, the events it listens to."""
