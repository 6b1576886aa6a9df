from __future__ import annotations

import inspect
from copy import copy

import gradio as gr
from nlq_ui.quick_gradio import make_quick


def test_signatures_stay_the_same_and_are_not_read_again() -> None:
    with gr.Blocks() as blocks:
        gr.Button("Ask")
    before = inspect.signature(gr.Button.__init__)
    make_quick(blocks)
    assert inspect.signature(gr.Button.__init__) is gr.Button.__init__.__signature__
    assert inspect.signature(gr.Button.__init__) == before


def test_a_tab_notes_nothing_down_for_deep_links_and_still_renders() -> None:
    with gr.Blocks() as blocks:
        button = gr.Button("Ask")
    make_quick(blocks)
    tab = copy(blocks.default_config)
    assert tab.config_for_block(button._id, [], button) == {}
    assert tab.blocks == blocks.default_config.blocks
    told = [part for part in blocks.get_config_file()["components"] if part["id"] == button._id]
    assert told[0]["props"]["value"] == "Ask"
