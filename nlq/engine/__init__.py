"""Where guarded queries run."""
