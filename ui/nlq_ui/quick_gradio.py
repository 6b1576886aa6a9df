"""Makes Gradio's updates of components quick: a page goes in, and is prepared before it is mounted.

Gradio makes a component anew for every update of it in every tab, also for one that says to leave
it as it is. Each time it reads the signature of its constructor several times, looks for
matplotlib, and notes for "deep links" all that the component shows. That took several times as much
of the processor as answering a question. Texts of HTML parts and parts that stay as they are now go
by without; a function that has its signature at hand (``__signature__``) is not read again; deep
links, which nlq does not serve, are left out. This is the one place that knows of Gradio's insides.
"""

from __future__ import annotations

import inspect
import sys
from collections import ChainMap
from copy import copy
from importlib.util import find_spec
from typing import Any

import gradio as gr
from gradio.blocks import Block, BlockFunction, BlocksConfig
from gradio.state_holder import SessionState

_NOTHING: dict[str, Any] = {}


def make_quick(blocks: gr.Blocks) -> None:
    """Prepare a page, once all of its components are there."""
    kinds = {kind for block in blocks.blocks.values() for kind in type(block).__mro__}
    for kind in kinds - {object}:
        _keep_signatures(vars(kind).get("__init__"))
    blocks.__class__ = _OnlyWhatChanges
    blocks.default_config.__class__ = _WithoutDeepLinks
    if "matplotlib" not in sys.modules and find_spec("matplotlib") is None:
        sys.modules["matplotlib"] = None  # type: ignore[assignment]  # not here, and known not to be


def _keep_signatures(made: Any) -> None:
    while inspect.isfunction(made):
        if not hasattr(made, "__signature__"):
            made.__signature__ = inspect.signature(made)  # type: ignore[attr-defined]
        made = getattr(made, "__wrapped__", None)


class _OnlyWhatChanges(gr.Blocks):
    """A page whose events with several outputs send most of them on as they are."""

    async def postprocess_data(
        self, block_fn: BlockFunction, predictions: Any, state: SessionState | None
    ) -> list[Any]:
        """What the browser is sent for each output."""
        if state is not None:
            state.config_values.clear()  # noted down for deep links too
        if len(block_fn.outputs) < 2 or not _is_by_part(predictions):
            return await super().postprocess_data(block_fn, predictions, state)
        told = {part: gr.skip() for part in block_fn.outputs if not part.stateful} | predictions
        sent = {part: value for part, value in told.items() if _is_sent_as_it_is(part, value)}
        rest = {part: value for part, value in told.items() if part not in sent}
        if rest:
            made = copy(block_fn)
            made.outputs = list(rest)
            values: Any = list(rest.values())
            results = await super().postprocess_data(
                made, values if len(rest) > 1 else values[0], state
            )
            sent.update(zip(rest, results, strict=True))
        return [sent.get(part) for part in block_fn.outputs]


def _is_by_part(predictions: Any) -> bool:
    return isinstance(predictions, dict) and all(isinstance(key, Block) for key in predictions)


def _is_sent_as_it_is(part: Block, value: Any) -> bool:
    return (isinstance(part, gr.HTML) and isinstance(value, str)) or bool(value == gr.skip())


class _WithoutDeepLinks(BlocksConfig):
    """The components of a page; every tab has a copy, which holds only those that differ in it."""

    def __copy__(self) -> BlocksConfig:
        tab = BlocksConfig(self.root_block)
        tab.blocks = ChainMap({}, self.blocks)  # type: ignore[assignment]
        tab.fns, tab.fn_id = self.fns, self.fn_id  # nothing is rendered anew in a tab
        tab.renderables = copy(self.renderables)
        # A tab asks for it without a renderable, to note it down; what is rendered anew, with one.
        whole: Any = tab.config_for_block
        tab.config_for_block = lambda *asked: whole(*asked) if len(asked) > 3 else _NOTHING  # type: ignore[method-assign]
        return tab
