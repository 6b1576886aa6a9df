"""From a question to the docs that help answer it."""
