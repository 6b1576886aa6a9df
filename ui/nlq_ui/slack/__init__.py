"""Slack: questions asked in channels, threads and direct messages, answered there."""
