"""What is decided live: rules as data, features per second, the kernel, the fold and its Flink job."""
