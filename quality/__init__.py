"""What may be published: Great Expectations suites, checkpoints and the gate between build and publication."""
