"""How records reach the broker: posting, counting, and quarantine of what the broker refuses."""
