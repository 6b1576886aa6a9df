"""A context goes in; SQL, a question back or a refusal comes out.

Rules first: an ambiguous word is asked about, a question outside the rights or the data is refused,
a question that the governed metrics spell out in full is compiled. The model writes the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.drafting.choose_metric import asks_for_columns, candidates, choose_metric
from nlq.drafting.compile_plan import compile_plan
from nlq.drafting.grounding import ungrounded
from nlq.drafting.mend_names import mend_names
from nlq.drafting.rule_plan import PlanReading, read_plan
from nlq.drafting.scope import out_of_scope
from nlq.llm.complete import Completion, complete
from nlq.llm.prompts import Prompt
from nlq.types import (
    AmbiguousTerm,
    Clarification,
    Context,
    Draft,
    Refusal,
    Rejection,
    SqlDraft,
    TokenUse,
)

OnText = Callable[[str], None]

SAME_QUESTION = 0.97
"""Similarity of masked questions from which a verified query answers as it stands."""

_SECOND_TRY_TEMPERATURE = 0.6


class Drafter:
    """Drafts with rules where they settle a question, and with a chat model elsewhere."""

    def __init__(self, model: BaseChatModel, prompts: dict[str, Prompt]) -> None:
        self._model = model
        self._choose = prompts["choose_metric"]
        self._write = prompts["write_sql"]
        self._repair = prompts["repair_sql"]

    def warm_up(self) -> None:
        """Load the model and evaluate the prompt's unchanging part, where it is embedded."""
        warm = getattr(self._model, "warm_up", None)
        if warm is not None:
            blank = self._write.render(context="", question="")
            warm([[message for message in blank if message.type == "system"]])

    def draft(
        self,
        context: Context,
        visible: Catalog,
        rejections: tuple[Rejection, ...],
        cancel: CancelToken,
        on_text: OnText | None = None,
    ) -> Draft:
        """The next draft; raises ``ModelError`` or ``Cancelled``."""
        if rejections:
            draft = self._by_model(context, visible, rejections, cancel, on_text)
            return _grounded(draft, context, visible)
        settled = _by_rule(context, visible)
        if settled is not None:
            return settled
        spent = TokenUse()
        asked: tuple[str, ...] = ()
        if hits := candidates(context, visible):
            choice = choose_metric(self._model, self._choose, context, hits, visible, cancel)
            spent, asked = choice.tokens, (choice.prompt,)
            if choice.chosen is not None:
                reading = read_plan(context, visible, choice.chosen)
                if (
                    reading is not None
                    and not reading.lost
                    and not asks_for_columns(reading, visible, choice.chosen.metric)
                ):
                    return _compiled(reading, visible, asked, spent)
        draft = self._by_model(context, visible, (), cancel, on_text)
        draft = replace(draft, tokens=spent + draft.tokens, prompts=asked + draft.prompts)
        return _grounded(draft, context, visible)

    def _by_model(
        self,
        context: Context,
        visible: Catalog,
        rejections: tuple[Rejection, ...],
        cancel: CancelToken,
        on_text: OnText | None,
    ) -> SqlDraft:
        messages: list[BaseMessage] = [
            *self._write.render(context=context.text, question=context.standalone)
        ]
        prompts = [self._write.id]
        if rejections:
            last = rejections[-1]
            reason = f"{last.reason} {last.hint}".strip()
            messages += [AIMessage(last.sql), *self._repair.render(reason=reason)]
            prompts.append(self._repair.id)
        tried = {rejected.sql for rejected in rejections}
        done = self._complete(messages, None, cancel, on_text)
        tokens = done.tokens
        sql, mended = mend_names(extract_sql(done.text), visible)
        if sql in tried:
            done = self._complete(messages, _SECOND_TRY_TEMPERATURE, cancel, on_text)
            tokens += done.tokens
            sql, mended = mend_names(extract_sql(done.text), visible)
        return SqlDraft(
            sql,
            "model",
            assumptions=(*context.time.notes, *mended),
            prompts=tuple(prompts),
            tokens=tokens,
        )

    def _complete(
        self,
        messages: Sequence[BaseMessage],
        temperature: float | None,
        cancel: CancelToken,
        on_text: OnText | None,
    ) -> Completion:
        return complete(
            self._model,
            messages,
            max_tokens=self._write.max_tokens or 320,
            stop=self._write.stop,
            temperature=temperature,
            cancel=cancel,
            on_token=on_text,
        )


def _by_rule(context: Context, visible: Catalog) -> Draft | None:
    if context.ambiguous:
        return _ask_back(context.standalone, context.ambiguous[0])
    reading = read_plan(context, visible)
    if reading is not None and not reading.unexplained and not reading.lost:
        return _compiled(reading, visible)
    if context.verified and context.verified[0].score >= SAME_QUESTION:
        best = context.verified[0].query
        if best.question.strip().lower() == context.standalone.strip().lower():
            return SqlDraft(best.sql, "verified", assumptions=context.time.notes)
    return out_of_scope(context)


def _compiled(
    reading: PlanReading,
    visible: Catalog,
    prompts: tuple[str, ...] = (),
    tokens: TokenUse | None = None,
) -> SqlDraft:
    return SqlDraft(
        compile_plan(reading.plan, visible),
        "metric",
        plan=reading.plan,
        assumptions=reading.assumptions,
        prompts=prompts,
        tokens=tokens or TokenUse(),
    )


def _grounded(draft: SqlDraft, context: Context, visible: Catalog) -> SqlDraft | Refusal:
    """The draft, or a refusal where its tables are not about what was asked."""
    unknown = ungrounded(context, visible, draft.sql)
    if not unknown:
        return draft
    words = ", ".join(f"\u201c{word}\u201d" for word in unknown)
    reason = f"The data that you may see does not seem to hold this: it says nothing of {words}."
    return Refusal("unanswerable", reason, draft.prompts, draft.tokens)


def _ask_back(text: str, term: AmbiguousTerm) -> Clarification:
    """One option a reading: the whole question with the word replaced."""
    pattern = "|".join(re.escape(word) for word in sorted(term.terms, key=len, reverse=True))
    found = re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)
    if found is None:
        return Clarification(term.question, term.options)
    options = tuple(text[: found.start()] + o + text[found.end() :] for o in term.options)
    return Clarification(term.question, options)


def extract_sql(text: str) -> str:
    """The SQL in a model's text: without fences, talk before it, or a closing semicolon.

    >>> extract_sql("Sure! ```sql\\nSELECT 1;\\n```")
    'SELECT 1'
    >>> extract_sql("I cannot answer that.")
    'I cannot answer that.'
    """
    fenced = re.search(r"```(?:\w+)?\s*\n?(.*?)(?:```|\Z)", text, re.DOTALL)
    body = fenced[1] if fenced else text
    start = re.search(r"\b(?:SELECT|WITH)\b", body, re.IGNORECASE)
    if start:
        body = body[start.start() :]
    return body.strip().rstrip(";").strip()
