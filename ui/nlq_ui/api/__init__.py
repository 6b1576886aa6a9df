"""The HTTP API: requests go in, the library is called, JSON or server-sent events come out."""
