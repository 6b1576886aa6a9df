"""Where the page's files lie while they are fetched: nothing goes in, a folder is set for Gradio.

Gradio copies what a person downloads into a folder that everybody on the machine reads, and leaves
it there. Here it is one that only this user reads, gone with the process; ``KEEP`` says when a file
in it goes.
"""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

KEEP: Final = (300, 900)
"""How often Gradio looks for old files, and how old they may get; seconds."""


@cache
def keep_files_private() -> Path:
    """Set the folder, once a process and before a page is made; one that is set already stays."""
    if named := os.environ.get("GRADIO_TEMP_DIR"):
        return Path(named)
    _folders.append(tempfile.TemporaryDirectory(prefix="nlq-page-", ignore_cleanup_errors=True))
    # Its symbolic links would be followed for every component otherwise.
    folder = Path(_folders[0].name).resolve()
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    return folder


_folders: list[tempfile.TemporaryDirectory[str]] = []
