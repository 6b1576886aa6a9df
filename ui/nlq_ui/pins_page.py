"""The pins page: the pinned answers of whoever looks, with newer figures when they are asked for.

A refresh asks the pinned question again, as whoever looks and by the clock of now, so that "last
month" moves on and rights hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from typing import Any

import gradio as gr

from nlq.errors import NlqError
from nlq.kept.pins import MOST_PINS, Pin, Pins
from nlq.types import Answer, Finished, Principal
from nlq_ui import html
from nlq_ui.chart import chart_html
from nlq_ui.opening import Assistant, Opening
from nlq_ui.who import Who

_Updates = dict[Any, Any]
_LOOK_S = 0.25
_MANY_ROWS = 12
"""A chart of more is scrolled within its card."""
_QUIET: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "concurrency_limit": None,
}


class PinsPage:
    """The page ``/pins``: a card for every pin."""

    def __init__(self, blocks: gr.Blocks, pins: Pins, opening: Opening, who: Who) -> None:
        self._pins = pins
        self._opening = opening
        self._who = who
        with blocks.route("Pins", "/pins"):
            gr.Navbar(main_page_name="Ask")
            self.ids = gr.State(())
            with gr.Row(elem_id="nlq-top"):
                gr.HTML("<h1>Pins</h1>", elem_id="nlq-title")
                self.all = gr.Button("Refresh all", size="sm", elem_id="nlq-refresh-all", scale=0)
            self.told = gr.HTML("", elem_id="nlq-pins-told")
            self.cards: list[tuple[gr.Column, gr.HTML, gr.Button, gr.Button]] = []
            with gr.Row(elem_id="nlq-pins"):
                self.cards = [self._card() for _ in range(MOST_PINS)]
            self._connect(blocks)

    def _card(self) -> tuple[gr.Column, gr.HTML, gr.Button, gr.Button]:
        with gr.Column(visible=False, elem_classes="nlq-pin") as column:
            shown = gr.HTML("")
            with gr.Row():
                refresh = gr.Button("Refresh", size="sm", elem_classes="nlq-refresh", scale=0)
                remove = gr.Button("Remove", size="sm", elem_classes="nlq-remove", scale=0)
        return column, shown, refresh, remove

    def _connect(self, blocks: gr.Blocks) -> None:
        shown = [self.ids, self.told, self.all]
        shown += [part for card in self.cards for part in card]
        blocks.load(self._show, None, shown, queue=False, **_QUIET)
        self.all.click(self._refresh_all, self.ids, shown, **_QUIET)
        for number, (_, _, refresh, remove) in enumerate(self.cards):
            refresh.click(self._refresher(number), self.ids, shown, **_QUIET)
            remove.click(self._remover(number), self.ids, shown, **_QUIET)

    def _refresher(self, number: int) -> Callable[..., Iterator[_Updates]]:
        def refresh(ids: tuple[str, ...], request: gr.Request) -> Iterator[_Updates]:
            yield from self._refresh(tuple(ids)[number : number + 1], self._who(request))

        return refresh

    def _remover(self, number: int) -> Callable[..., _Updates]:
        def remove(ids: tuple[str, ...], request: gr.Request) -> _Updates:
            principal = self._who(request)
            try:
                for id in tuple(ids)[number : number + 1]:
                    self._pins.remove(id, principal)
            except NlqError as error:
                return self._failed(error)
            return self._showing(principal)

        return remove

    def _show(self, request: gr.Request) -> _Updates:
        return self._showing(self._who(request))

    def _refresh_all(self, ids: tuple[str, ...], request: gr.Request) -> Iterator[_Updates]:
        yield from self._refresh(tuple(ids), self._who(request))

    def _refresh(self, ids: tuple[str, ...], principal: Principal) -> Iterator[_Updates]:
        """Ask for each again; each is shown as soon as it is there."""
        buttons = [self.all, *(button for card in self.cards for button in card[2:])]
        yield {button: gr.update(interactive=False) for button in buttons}
        told = html.notice_html("Refreshed.")
        try:
            for number, id in enumerate(ids, 1):
                pin = self._pins.get(id, principal)
                if pin is None:
                    continue
                of = f" {number} of {len(ids)}" if len(ids) > 1 else ""
                yield {self.told: html.notice_html(f"Refreshing{of}: {pin.question}")}
                answer = asked_again(pin, self._assistant(), principal)
                self._pins.refreshed(id, answer, principal)
                yield self._showing(principal)
        except NlqError as error:
            told = html.notice_html(f"{error.message} {error.hint}".strip())
        ready = {button: gr.update(interactive=True) for button in buttons}
        yield {**self._showing(principal), **ready, self.told: told}

    def _assistant(self) -> Assistant:
        self._opening.start()
        while (assistant := self._opening.ready(_LOOK_S)) is None:
            pass
        return assistant

    def _showing(self, principal: Principal) -> _Updates:
        try:
            pins = self._pins.listed(principal)
        except NlqError as error:
            return self._failed(error)
        none = html.notice_html("Nothing is pinned yet: ask, then pin the answer.")
        updates: _Updates = {
            self.ids: tuple(pin.id for pin in pins),
            self.told: "" if pins else none,
            self.all: gr.update(visible=len(pins) > 1),
        }
        for number, (column, shown, _, _) in enumerate(self.cards):
            has = number < len(pins)
            updates[column] = gr.update(visible=has)
            updates[shown] = pin_html(pins[number]) if has else ""
        return updates

    def _failed(self, error: NlqError) -> _Updates:
        return {self.told: html.notice_html(f"{error.message} {error.hint}".strip())}


def asked_again(pin: Pin, assistant: Assistant, principal: Principal) -> Answer:
    """What comes of the pin's question now."""
    for event in assistant.stream(pin.question, principal=principal, interface="pins"):
        if isinstance(event, Finished):
            return event.answer
    raise NlqError("The question had no answer.", hint="Try again.")


def pin_html(pin: Pin) -> str:
    """A pin as HTML: its figures with their time, and why there are no newer ones."""
    parts = [f'<p class="nlq-hint">{escape(pin.question)}</p>']
    answer = pin.answer
    if answer is None:
        parts.append(f"<h2>{escape(pin.failure)}</h2>")
        return f'<article class="nlq-answer refused">{"".join(parts)}</article>'
    parts.append(f"<h2>{escape(answer.headline)}</h2>")
    if pin.failure:
        tried = html.moment_text(pin.tried_at)
        told = f"Not refreshed on {tried}: {pin.failure} These are the last figures."
        parts.append(f'<ul class="nlq-notes nlq-warning"><li>{escape(told)}</li></ul>')
    parts.append(html.notes_html("nlq-warning", answer.warnings))
    if answer.chart is not None and answer.result is not None:
        chart = chart_html(answer.chart, answer.result, dict(answer.labels))
        if len(answer.result.rows) > _MANY_ROWS:
            chart = f'<div class="nlq-many" tabindex="0">{chart}</div>'
        parts.append(chart)
    computed = html.moment_text(pin.computed_at)
    parts.append(f'<p class="nlq-foot">Computed on {computed}.</p>')
    return f'<article class="nlq-answer">{"".join(parts)}</article>'
