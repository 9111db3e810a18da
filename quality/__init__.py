"""What may be published: suites of checks over the built marts, and the gate that acts on them."""
