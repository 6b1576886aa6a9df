"""The audit log: exactly one record for every question."""
