"""The ``nlq`` command: arguments go in, text or JSON and an exit status come out."""
