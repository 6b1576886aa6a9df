"""A small OpenID provider on loopback: discovery, authorize, token and keys; faults by name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "nlq-client", "the client's secret"
PEOPLE: dict[str, Any] = {"ann": ["finance", "chess"], "bob": ["people"], "carl": ["chess"]}


class OidcServer:
    """What the provider knows; ``who`` is signed in there already, where it is not empty.

    ``fault`` is what is wrong with its next tokens: ``nonce``, ``no-nonce``, ``audience``,
    ``another-azp``, ``issuer``, ``expired``, ``early``, ``key``, ``none``, ``hs256``,
    ``no-id-token``, ``down``, ``nonsense``.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.who = "ann"
        self.fault = ""
        self.claims: dict[str, Any] = {}
        self.asked: list[str] = []
        self.algorithms = ["RS256", "none", "HS256"]
        self._key = RSAKey.generate_key(2048, {"kid": "one"})
        self._codes: dict[str, dict[str, str]] = {}

    def change_key(self) -> None:
        self._key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": self.algorithms,
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [self._key.as_dict(private=False)]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to, with a code."""
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert asked["response_type"] == "code"
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or authorization != f"Basic {basic}":
            return 400, {"error": "invalid_grant", "error_description": "<b>used before</b>"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if (
            _base64(digest) != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        told = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 60}
        return 200, told if self.fault == "no-id-token" else {**told, "id_token": self._id(asked)}

    def _id(self, asked: dict[str, str]) -> str:
        now, fault, who = int(time.time()), self.fault, asked.get("as") or self.who
        claims = {
            "iss": "https://evil.example" if fault == "issuer" else self.issuer,
            "sub": f"id-of-{who}",
            "aud": "another" if fault in ("audience", "another-azp") else CLIENT,
            "exp": now - 3600 if fault == "expired" else now + 300,
            "iat": now + 3600 if fault == "early" else now - 7200 if fault == "expired" else now,
            "nonce": "another" if fault == "nonce" else asked["nonce"],
            "preferred_username": who,
            "groups": PEOPLE[who],
            **({"azp": CLIENT} if fault == "another-azp" else {}),
            **self.claims,
        }
        if fault == "no-nonce":
            del claims["nonce"]
        if fault == "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        if fault == "hs256":  # signed by what everybody can read: the public key
            signed = f"{_part({'alg': 'HS256', 'kid': self._key.kid})}.{_part(claims)}"
            public = self._key.as_pem(private=False)
            return f"{signed}.{_base64(hmac.digest(public, signed.encode(), 'sha256'))}"
        key = self._key
        if fault == "key":
            key = RSAKey.generate_key(2048, {"kid": str(self._key.kid)})
        return jwt.encode({"alg": "RS256", "kid": str(key.kid)}, claims, key)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _part(told: dict[str, Any]) -> str:
    return _base64(json.dumps(told).encode())


class _Handler(BaseHTTPRequestHandler):
    provider: OidcServer

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.provider.asked.append(url.path)
        if self.provider.fault == "down":
            self._send(503, b"down", "text/plain")
        elif self.provider.fault == "nonsense":
            self._send(200, b"<html>", "text/html")
        elif url.path == "/.well-known/openid-configuration":
            self._json(200, self.provider.discovery())
        elif url.path == "/keys":
            self._json(200, self.provider.keys())
        elif url.path == "/authorize" and not (self.provider.who or asked.get("as")):
            links = "".join(
                f'<p><a id="{name}" href="{escape(self.path)}&amp;as={name}">{name}</a></p>'
                for name in PEOPLE
            )
            self._send(200, f"<h1>Who are you?</h1>{links}".encode(), "text/html")
        elif url.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(asked))
            self.end_headers()
        else:
            self._json(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._json(*self.provider.token(form, self.headers.get("Authorization", "")))

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _json(self, status: int, told: dict[str, Any]) -> None:
        self._send(status, json.dumps(told).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def oidc_server() -> Iterator[OidcServer]:
    """Serve one from a thread."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.provider = OidcServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield handler.provider
    server.shutdown()
    server.server_close()
    thread.join(5)
