"""`safehold demo`: the whole platform once, on simulated data, with a summary that can be checked."""
