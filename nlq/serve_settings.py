"""The settings of what is served: where, to whom, and how people sign in (section ``serve``)."""

from __future__ import annotations

import ipaddress
import re
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

SHORTEST_SECRET: Final = 16
"""Characters of a secret that a proxy shows."""


class Section(BaseModel):
    """A section of the settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TokenSettings(Section):
    """One token of the HTTP API: as whom its bearer asks, and the SHA-256 that it is known by."""

    name: str = Field(min_length=1, description="As whom its bearer asks.")
    roles: tuple[str, ...] = Field((), description="Roles of the policy that they have.")
    sha256: SecretStr = Field(description="SHA-256 of the token, 64 hexadecimal digits.")

    @field_validator("sha256")
    @classmethod
    def _digest(cls, sha256: SecretStr) -> SecretStr:
        digest = sha256.get_secret_value().lower()
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise ValueError("give the SHA-256 of the token, 64 hexadecimal digits")
        return SecretStr(digest)


class ProxySettings(Section):
    """A proxy that signs people in; see docs/sign-in.md."""

    addresses: tuple[str, ...] = Field(
        (), description="Addresses or networks (like 10.0.0.0/24) of the proxies; empty: none."
    )
    name_header: str = Field("X-Forwarded-User", description="Header with the person's name.")
    groups_header: str = Field(
        "X-Forwarded-Groups", description="Header with their groups, by commas."
    )
    secret_header: str = Field("X-Proxy-Secret", description="Header with the secret.")
    secret: SecretStr | None = Field(
        None, description="What the proxy shows to be known; without it its address is enough."
    )

    @field_validator("addresses")
    @classmethod
    def _networks(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for one in addresses:
            try:
                ipaddress.ip_network(one)
            except ValueError as exc:
                raise ValueError(f"{one!r} is no address and no network: {exc}") from exc
        return addresses

    @field_validator("secret")
    @classmethod
    def _long(cls, secret: SecretStr | None) -> SecretStr | None:
        return _long_enough(secret)


class OidcSettings(Section):
    """Sign-in by OpenID Connect; see docs/sign-in.md."""

    issuer: str = Field("", description="Address of the provider; empty: none.")
    client_id: str = Field("", description="What the provider calls nlq.")
    client_secret: SecretStr | None = Field(
        None, description="The secret that goes with it, where there is one."
    )
    scopes: str = Field("openid profile email", description="What the provider is asked for.")
    name_claim: str = Field(
        "preferred_username",
        description="Claim with the person's name. An `email` must be verified.",
    )
    groups_claim: str = Field("groups", description="Claim with their groups.")
    idle_s: float = Field(
        4 * 3600.0, gt=0, description="A session ends after so long without a request, seconds."
    )
    longest_s: float = Field(
        12 * 3600.0, gt=0, description="A session ends after so long in any case, seconds."
    )

    @field_validator("issuer")
    @classmethod
    def _safe(cls, issuer: str) -> str:
        if issuer and not re.match(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]", issuer):
            raise ValueError("give an address with https, like https://id.example.com")
        return issuer

    @field_validator("scopes")
    @classmethod
    def _with_openid(cls, scopes: str) -> str:
        if "openid" not in scopes.split():
            raise ValueError("openid must be among the scopes: without it there is no id token")
        return scopes


class ServeSettings(Section):
    """The address of the page and the HTTP API, who may use them, and what the API keeps."""

    url: str = Field(
        "", description="The address that people open, like https://nlq.example.com; for sign-in."
    )
    proxy: ProxySettings = Field(default_factory=ProxySettings)
    oidc: OidcSettings = Field(default_factory=OidcSettings)
    groups: dict[str, tuple[str, ...]] = Field(
        {}, description="Roles of the policy by group; who has none is not let in."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(7860, ge=0, le=65535, description="Port; 0 picks a free one.")
    tokens: tuple[TokenSettings, ...] = Field(
        (), description="Who may use the API; see docs/api.md. Needed where others reach it."
    )
    questions: int = Field(4, ge=1, description="Most questions of one person at a time.")
    keep_s: float = Field(
        1800.0, gt=0, description="How long the API keeps results and conversations, seconds."
    )
    keep_bytes: int = Field(
        100_000_000, ge=0, description="Room for the results that it keeps for one person, bytes."
    )

    @field_validator("tokens")
    @classmethod
    def _told_apart(cls, tokens: tuple[TokenSettings, ...]) -> tuple[TokenSettings, ...]:
        if len({token.sha256.get_secret_value() for token in tokens}) < len(tokens):
            raise ValueError("two tokens have the same sha256; give everyone a token of their own")
        return tokens

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^/?#@]+/?", url):
            raise ValueError("give an address like https://nlq.example.com, without a path")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if not self.signs_in:
            return self
        if self.oidc.issuer and self.proxy.addresses:
            raise ValueError("people sign in by serve.oidc or by serve.proxy; set one of them")
        if not self.groups:
            raise ValueError("serve.groups is empty, so nobody who signs in has a role")
        if self.oidc.issuer and not (self.oidc.client_id and self.url):
            raise ValueError("sign-in by serve.oidc needs serve.oidc.client_id and serve.url")
        return self

    @property
    def signs_in(self) -> bool:
        """Whether people sign in; else the page is for this machine alone."""
        return bool(self.oidc.issuer or self.proxy.addresses)


def _long_enough(secret: SecretStr | None) -> SecretStr | None:
    if secret is not None and len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"give a secret of {SHORTEST_SECRET} characters or more")
    return secret
