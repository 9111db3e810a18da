"""What is decided over days: maintenance, reconciliation, backtests, disclosure. Spark at the edge."""
