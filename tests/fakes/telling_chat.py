"""A scripted chat model that tells how likely its tokens were, as the embedded one does."""

from __future__ import annotations

import math
from typing import Any

from nlq.llm.scripted import ScriptedChat


class TellingChat(ScriptedChat):
    """Plays its script; every reply comes with the log-probabilities ``told``."""

    told: list[dict[str, Any]]
    is_embedded: bool = False

    @property
    def _llm_type(self) -> str:
        return "nlq-embedded" if self.is_embedded else super()._llm_type

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        if self.is_embedded:
            kwargs.pop("cancel", None)
        for chunk in super()._stream(messages, stop, run_manager, **kwargs):
            if chunk.message.response_metadata.get("finish_reason"):
                chunk.message.response_metadata["logprobs"] = {"content": self.told}
            yield chunk


def yes_or_no(yes: float) -> list[dict[str, Any]]:
    """What is told where the first word was Yes with this probability, and else No."""
    others = [
        {"token": "Yes", "logprob": math.log(yes)},
        {"token": "No", "logprob": math.log(1 - yes)},
    ]
    return [{"token": "x", "logprob": 0.0, "top_logprobs": others}]
