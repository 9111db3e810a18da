"""How events get in: contracts, sources (simulator, replays), vision, landing."""
