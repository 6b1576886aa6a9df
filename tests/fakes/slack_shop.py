"""The bot over the scripted shop, as a process of its own: ``slack_shop.py FOLDER URL``."""

from __future__ import annotations

import sys
from pathlib import Path

from nlq_ui.opening import Opening
from nlq_ui.slack.start import serve
from small_shop import Shop

from nlq.settings import Settings


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


PEOPLE = {"UANN": {"name": "ann", "roles": ["analyst"]}}

if __name__ == "__main__":
    folder, url = Path(sys.argv[1]), sys.argv[2]
    settings = Settings.model_validate(
        {
            "home": folder / "home",
            "slack": {
                "bot_token": "xoxb-good",
                "app_token": "xapp-good",
                "base_url": url,
                "people": PEOPLE,
            },
        }
    )
    serve(settings, Opening(lambda _: Shop(folder).assistant), say)
