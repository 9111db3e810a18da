"""Risk and custody codes of people in custody: looked up with an audit entry, changed by posted events, sealed."""
