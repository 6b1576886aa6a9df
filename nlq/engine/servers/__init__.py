"""PrestoDB and Trino for development and tests: put together, configured, started, ended."""
