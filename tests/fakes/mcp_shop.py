"""Serves MCP over standard input and output for a scripted shop; its argument is a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from nlq_ui.mcp_server import make_server
from nlq_ui.opening import Opening
from small_shop import Shop

from nlq.settings import ServeSettings
from nlq.types import Principal

if __name__ == "__main__":
    shop = Shop(Path(sys.argv[1]))
    opening = Opening(lambda _progress: shop.assistant)
    make_server(opening, ServeSettings(), Principal("ann", ("analyst",))).run("stdio")
