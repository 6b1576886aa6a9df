"""The sample lake: generator, docs, metrics, verified queries, policy."""
