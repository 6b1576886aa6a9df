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
from nlq.drafting.answerable import can_answer, invented, sureness
from nlq.drafting.choose_metric import asks_for_columns, candidates, choose_metric
from nlq.drafting.compile_plan import compile_plan
from nlq.drafting.grounding import ungrounded
from nlq.drafting.lost import lost
from nlq.drafting.mends.mend import mend
from nlq.drafting.rule_plan import PlanReading, read_plan
from nlq.drafting.scope import out_of_rights, out_of_scope, quoted, unexplained
from nlq.llm.complete import Completion, complete, tells_alternatives
from nlq.llm.prompts import Prompt
from nlq.settings import DraftingSettings
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

PROMPTS = (
    "choose_metric", "can_answer", "write_sql", "write_sql_bare", "write_sql_by_example",
    "repair_sql",
)  # fmt: skip
"""Names of the prompt files that a ``Drafter`` takes."""

_SECOND_TRY_TEMPERATURE = 0.6
_OTHER_DRAFTS_TEMPERATURE = 0.7
"""Warm enough that drafts differ where the model is unsure, and only there."""


class Drafter:
    """Drafts with rules where they settle a question, and with a chat model elsewhere."""

    def __init__(
        self,
        model: BaseChatModel,
        prompts: dict[str, Prompt],
        drafting: DraftingSettings | None = None,
    ) -> None:
        self._model = model
        self._drafting = drafting or DraftingSettings()
        self._choose = prompts["choose_metric"]
        self._can_answer = prompts["can_answer"]
        self._write = prompts["write_sql"]
        self._write_bare = prompts["write_sql_bare"]
        self._write_by_example = prompts["write_sql_by_example"]
        self._repair = prompts["repair_sql"]

    def warm_up(self, lake: str = "") -> None:
        """Load the model and evaluate the prompt's unchanging part, where it is embedded.

        ``lake`` are the docs of those who will ask, see ``Context.lake``.
        """
        warm = getattr(self._model, "warm_up", None)
        if warm is None:
            return
        # The first draft's comes last: it is what the next question begins with.
        by_example = self._write_by_example.render(lake=lake, context="", question="")
        blank = self._write.render(lake=lake, context="", question="")
        warm([by_example, [message for message in blank if message.type == "system"]])

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
            again = self._by_model(context, visible, rejections, cancel, on_text)
            return self._grounded(again, context, visible)
        settled = self._by_rule(context, visible)
        if settled is not None:
            return settled
        spent = TokenUse()
        asked: tuple[str, ...] = ()
        if self._drafting.metrics and (hits := candidates(context, visible)):
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
        draft: SqlDraft | Refusal
        if context.unmatched and self._weighs_words(context):
            draft = self._weighed(context, visible, cancel, on_text)
        else:
            written = self._by_model(context, visible, (), cancel, on_text)
            draft = self._grounded(written, context, visible)
        return replace(draft, prompts=asked + draft.prompts, tokens=spent + draft.tokens)

    def _weighed(
        self, context: Context, visible: Catalog, cancel: CancelToken, on_text: OnText | None
    ) -> SqlDraft | Refusal:
        """The draft of a question with words that no doc explains, or why there is none."""
        sure, spent = sureness(self._model, self._can_answer, context, cancel)
        asked: tuple[str, ...] = (self._can_answer.id,)
        if can_answer(context, sure) == "no":
            return Refusal("unanswerable", unexplained(context), asked, spent)
        draft = self._by_model(context, visible, (), cancel, on_text)
        asked, spent = asked + draft.prompts, spent + draft.tokens
        verdict = can_answer(context, sure, has_invented=bool(draft.invented))
        if verdict == "no":
            return Refusal("unanswerable", unexplained(context), asked, spent)
        draft = replace(draft, prompts=asked, tokens=spent)
        if verdict == "yes":
            return draft
        note = f"nothing in the data says {quoted(context.unmatched)}"
        return replace(draft, assumptions=(*draft.assumptions, note), to_confirm=True)

    def sureness(self, context: Context, cancel: CancelToken) -> tuple[float | None, TokenUse]:
        """The model's log-odds that the data holds what is asked; None where it does not tell.

        Raises ``ModelError`` or ``Cancelled``.
        """
        if not self._drafting.ground or not tells_alternatives(self._model):
            return None, TokenUse()
        return sureness(self._model, self._can_answer, context, cancel)

    def another(
        self, context: Context, visible: Catalog, number: int, cancel: CancelToken
    ) -> Draft:
        """A further draft of the same question, by chance another one; ``number`` from 1.

        Drafts that agree on a result are right more often than a single one (self-consistency,
        Wang et al., 2022), the more so where they were not asked for alike: of a small lake first
        by the question alone, then after examples. The others are samples, which read nothing anew.
        """
        asked, temperature = context.standalone, None
        if context.lake and number == 1:
            prompt = self._write_bare
            notes = context.question.notes
            messages = prompt.render(lake=context.lake, question=asked, notes=notes)
        else:
            prompt = self._write_by_example if context.lake else self._write
            messages = prompt.render(lake=context.lake, context=context.text, question=asked)
            if not context.lake or number > 2:
                temperature = _OTHER_DRAFTS_TEMPERATURE
        done = self._complete(messages, temperature, cancel, seed=number + 1)
        return self._grounded(self._read(done, context, visible, (prompt.id,)), context, visible)

    def _weighs_words(self, context: Context) -> bool:
        """Whether words that no doc explains are weighed by the model's sureness.

        Where a metric is near, or the model does not tell how sure it is, they count alone.
        """
        return self._drafting.ground and not context.metrics and tells_alternatives(self._model)

    def _by_model(
        self,
        context: Context,
        visible: Catalog,
        rejections: tuple[Rejection, ...],
        cancel: CancelToken,
        on_text: OnText | None,
    ) -> SqlDraft:
        messages: list[BaseMessage] = [
            *self._write.render(
                lake=context.lake, context=context.text, question=context.standalone
            )
        ]
        prompts: tuple[str, ...] = (self._write.id,)
        if rejections:
            last = rejections[-1]
            reason = f"{last.reason} {last.hint}".strip()
            messages += [AIMessage(last.sql), *self._repair.render(reason=reason)]
            prompts = (*prompts, self._repair.id)
        tried = {rejected.sql for rejected in rejections}
        done = self._complete(messages, None, cancel, on_text)
        draft = self._read(done, context, visible, prompts)
        if draft.sql in tried:
            done = self._complete(messages, _SECOND_TRY_TEMPERATURE, cancel, on_text)
            again = self._read(done, context, visible, prompts)
            draft = replace(again, tokens=draft.tokens + again.tokens)
        return draft

    def _read(
        self, done: Completion, context: Context, visible: Catalog, prompts: tuple[str, ...]
    ) -> SqlDraft:
        """The draft in a model's text, mended."""
        sql, mended = extract_sql(done.text), tuple[str, ...]()
        unknown = invented(sql, visible) if context.unmatched else ()
        if self._drafting.mend:
            asked = " ".join((context.standalone, context.question.notes, *context.rules))
            today = context.question.clock.today
            over = tuple(period for period in context.time.ranges if period.end <= today)
            sql, mended = mend(sql, visible, asked, over)
        return SqlDraft(
            sql,
            "model",
            assumptions=(*context.time.notes, *mended),
            prompts=prompts,
            tokens=done.tokens,
            doubt=done.doubt,
            invented=unknown,
            lost=lost(context, sql),
        )

    def _complete(
        self,
        messages: Sequence[BaseMessage],
        temperature: float | None,
        cancel: CancelToken,
        on_text: OnText | None = None,
        seed: int | None = None,
    ) -> Completion:
        return complete(
            self._model,
            messages,
            max_tokens=self._write.max_tokens or 320,
            stop=self._write.stop,
            temperature=temperature,
            seed=seed,
            with_doubt=True,
            cancel=cancel,
            on_token=on_text,
        )

    def _by_rule(self, context: Context, visible: Catalog) -> Draft | None:
        if context.chosen:
            return SqlDraft(context.chosen, "chosen", assumptions=context.time.notes)
        if self._drafting.ground and (refusal := out_of_rights(context)):
            return refusal
        if context.ambiguous:
            return _ask_back(context.standalone, context.ambiguous[0])
        reading = read_plan(context, visible) if self._drafting.metrics else None
        if reading is not None and not reading.unexplained and not reading.lost:
            return _compiled(reading, visible)
        if self._drafting.examples and context.verified:
            best = context.verified[0].query
            if best.question.strip().lower() == context.standalone.strip().lower():
                return SqlDraft(best.sql, "verified", assumptions=context.time.notes)
        if not self._drafting.ground:
            return None
        return out_of_scope(context, by_words=not tells_alternatives(self._model))

    def _grounded(self, draft: SqlDraft, context: Context, visible: Catalog) -> SqlDraft | Refusal:
        """The draft, or a refusal where its tables are not about what was asked."""
        if not self._drafting.ground or self._weighs_words(context):
            return draft
        unknown = ungrounded(context, visible, draft.sql)
        if not unknown:
            return draft
        words = quoted(unknown)
        reason = (
            f"The data that you may see does not seem to hold this: it says nothing of {words}."
        )
        return Refusal("unanswerable", reason, draft.prompts, draft.tokens)


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
