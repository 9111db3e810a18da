"""Rules on history: stored features read with Spark, judged by a function that is handed in, compared."""
