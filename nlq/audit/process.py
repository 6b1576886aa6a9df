"""Names a running process so that others can tell, later, whether it is still there.

A process id alone comes back for another process, so the mark also holds when the process started,
and where that id has a meaning: the machine, its boot, and the container's process namespace.
"""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessMark:
    """``host|boot|namespace|pid|start`` of a process."""

    text: str

    @classmethod
    def mine(cls) -> ProcessMark:
        """The mark of this process."""
        pid = os.getpid()
        return cls("|".join((*_place(), str(pid), _started(pid) or "")))

    def alive(self) -> bool | None:
        """Whether that process is still there; None where it cannot be seen from here."""
        host, boot, namespace, pid, start = self.text.split("|")
        here = _place()
        if here == (host, boot, namespace):
            now = _started(int(pid))
            return None if now is None else now == start
        if here[0] == host and here[1] != boot:
            return False  # the machine has started anew since
        return None


def _place() -> tuple[str, str, str]:
    boot = namespace = ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = os.readlink("/proc/self/ns/pid")
    return platform.node(), boot, namespace


def _started(pid: int) -> str | None:
    """When the process started, in the system's own form; "" if there is none, None if unknown."""
    if Path("/proc/self/stat").exists():
        try:
            # The name, in parentheses, may hold blanks; after it, the 20th field is the start.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return "" if fields[0] in {"Z", "X"} else fields[19]
    try:
        told = subprocess.run(
            ("ps", "-o", "lstart=", "-p", str(pid)), capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return told.stdout.strip()
