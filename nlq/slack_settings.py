"""The settings of the Slack bot: its tokens, and as whom people ask (section ``slack``)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from nlq.serve_settings import Section


class SlackPersonSettings(Section):
    """As whom a Slack user asks."""

    name: str = Field(min_length=1, description="As whom they ask.")
    roles: tuple[str, ...] = Field((), description="Roles of the policy that they have.")


class SlackSettings(Section):
    """The Slack bot, `nlq slack`; see docs/slack.md."""

    mode: Literal["socket", "http"] = Field(
        "socket", description="Slack is connected to, or it sends requests here."
    )
    bot_token: SecretStr = Field(SecretStr(""), description="The app's bot token, xoxb-...")
    app_token: SecretStr = Field(
        SecretStr(""), description="The app-level token, xapp-..., for the mode `socket`."
    )
    signing_secret: SecretStr = Field(
        SecretStr(""), description="Tells Slack's requests from others', for the mode `http`."
    )
    host: str = Field("127.0.0.1", description="Address to listen on in the mode `http`.")
    port: int = Field(3000, ge=0, le=65535, description="Port; 0 picks a free one.")
    people: dict[str, SlackPersonSettings] = Field(
        {}, description="Who may ask, by Slack user id or confirmed e-mail address."
    )
    contact: str = Field(
        "Ask the data platform team for access.",
        description="What people hear who are not among `people`.",
    )
    rows: int = Field(10, ge=1, le=50, description="Most rows of a result in a message.")
    follow_threads: bool = Field(
        True, description="Take replies in its threads for questions, without being mentioned."
    )
    base_url: str = Field("", description="Address of another Web API than Slack's own.")

    @field_validator("people")
    @classmethod
    def _as_slack_writes(
        cls, people: dict[str, SlackPersonSettings]
    ) -> dict[str, SlackPersonSettings]:
        return {key.lower() if "@" in key else key: who for key, who in people.items()}
