"""Whether the files of a folder have changed: a folder enters, a version leaves.

Every file's inode, size and times are looked at each time, and every folder's, since a folder tells
by its time that files came or went. Only then is the folder listed again: looking at what is known
takes half as long as listing.
"""

from __future__ import annotations

import os
import threading
from array import array
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path


@dataclass(frozen=True, slots=True)
class _Listing:
    """What a folder held: each folder in it (itself too) with its time, and each file."""

    folders: tuple[tuple[str, int], ...]
    files: tuple[str, ...]

    def is_current(self) -> bool:
        """Whether no file came or went since."""
        return all(os.stat(path).st_mtime_ns == time for path, time in self.folders)


class FileVersions:
    """Versions of folders of data files; safe to use from several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listings: dict[Path, _Listing] = {}

    def version(self, folder: Path) -> str | None:
        """The version of a folder's files; None where they cannot be read, or keep changing."""
        try:
            return self._version(folder)
        except OSError:
            return None

    def _version(self, folder: Path) -> str:
        with self._lock:
            listing = self._listings.get(folder)
        try:
            current = listing is not None and listing.is_current()
        except FileNotFoundError:  # a folder in it went away
            current = False
        if listing is None or not current:
            listing = _listed(folder)
            with self._lock:
                self._listings[folder] = listing
        states = array("Q")
        for path in listing.files:
            state = os.stat(path)
            states.extend((state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))
        digest = blake2b(states.tobytes(), digest_size=16)
        digest.update("\0".join(listing.files).encode(errors="surrogateescape"))
        return digest.hexdigest()


def _listed(folder: Path) -> _Listing:
    folders: list[tuple[str, int]] = []
    files: list[str] = []
    waiting = [str(folder)]
    while waiting:
        path = waiting.pop()
        folders.append((path, os.stat(path).st_mtime_ns))  # before it is read: a change is seen
        with os.scandir(path) as entries:
            for entry in entries:
                (waiting if entry.is_dir() else files).append(entry.path)
    return _Listing(tuple(folders), tuple(sorted(files)))
