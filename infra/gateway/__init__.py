"""The gateway: one service for terminals of posts and for devices; it puts together ingestion and response."""
