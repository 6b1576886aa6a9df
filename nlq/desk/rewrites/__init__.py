"""Rewrites of a query, one a module: each changes a copy of the tree and says what it did."""
