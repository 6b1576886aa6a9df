"""SQL as a tree: facts, decisions, the guard, rewrites."""
