"""Loaders for benchmarks that others wrote: a folder goes in, lakes and cases come out."""
