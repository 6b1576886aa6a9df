"""Makes Gradio's updates of components quick: a page goes in, and is prepared before it is mounted.

Gradio makes a component anew for every update of it in every tab. Each time it reads the signature
of its constructor several times, looks for matplotlib, and notes for "deep links" all that the
component shows. That took several times as much of the processor as answering a question. A
function that has its signature at hand (``__signature__``) is not read again; deep links, which
nlq does not serve, are left out. This is the one place that knows of Gradio's insides.
"""

from __future__ import annotations

import inspect
import sys
from importlib.util import find_spec
from typing import Any

import gradio as gr
from gradio.blocks import BlocksConfig


def make_quick(blocks: gr.Blocks) -> None:
    """Prepare a page, once all of its components are there."""
    kinds = {kind for block in blocks.blocks.values() for kind in type(block).__mro__}
    for kind in kinds - {object}:
        _keep_signatures(vars(kind).get("__init__"))
    blocks.default_config.__class__ = _WithoutDeepLinks
    if "matplotlib" not in sys.modules and find_spec("matplotlib") is None:
        sys.modules["matplotlib"] = None  # type: ignore[assignment]  # not here, and known not to be


def _keep_signatures(made: Any) -> None:
    while inspect.isfunction(made):
        if not hasattr(made, "__signature__"):
            made.__signature__ = inspect.signature(made)  # type: ignore[attr-defined]
        made = getattr(made, "__wrapped__", None)


class _WithoutDeepLinks(BlocksConfig):
    """The components of a page, of which every tab has a copy."""

    def __copy__(self) -> BlocksConfig:
        copy: Any = super().__copy__()
        whole = copy.config_for_block
        # A tab asks for it without a renderable, to note it down; what is rendered anew, with one.
        copy.config_for_block = lambda *asked: whole(*asked) if len(asked) > 3 else {}
        return copy
