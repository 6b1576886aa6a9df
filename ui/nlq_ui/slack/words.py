"""What a person wrote: Slack's form of a message's text goes in, plain words come out."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

MOST_CHARACTERS: Final = 4000

_MARKED = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_OTHERS_NAME = re.compile(r"\s*<@(\w+)")


def plain_words(text: str) -> str:
    """The text without Slack's markup: mentions go, links and channels become their labels.

    >>> plain_words("<@U1> revenue of <#C1|emea> &amp; <https://a.example|a site>?")
    'revenue of emea & a site?'
    """

    def shown(found: re.Match[str]) -> str:
        sign, name, label = found.groups()
        return "" if sign in ("@", "!") else (label or name)

    plain = unescape(_MARKED.sub(shown, text)).replace("\x00", "")
    return re.sub(r"[ \t]+", " ", plain).strip()[:MOST_CHARACTERS]


def speaks_to_another(text: str, bot: str) -> bool:
    """Whether a message begins with the name of somebody else.

    >>> speaks_to_another("<@U2> what do you think?", bot="U1")
    True
    """
    found = _OTHERS_NAME.match(text)
    return found is not None and found[1] != bot
