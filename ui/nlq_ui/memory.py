"""Keeps the server's memory together: a number of heaps goes to the C library, which has no more.

Every question has threads of its own. glibc gives new threads heaps of their own, up to eight a
core; what each of them leaves free is of no use to the others, and memory grows for hours.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Final

_ARENA_MAX: Final = -8  # glibc's M_ARENA_MAX
_HEAPS: Final = 2


def keep_together() -> None:
    """Have few heaps from now on; nothing happens where the C library is another one."""
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_ARENA_MAX, _HEAPS)
