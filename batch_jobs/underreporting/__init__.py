"""Which facilities report improbably few incidents or deaths for what was seen in them and what their peers report."""
