"""What those who are not let in are told: a refusal and a request go in, a response comes out.

A person with a browser gets a page (or is sent to sign in), a program a problem in JSON.
"""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response

from nlq_ui.api.problems import Problem, respond
from nlq_ui.sign_in.mode import Refused

_NO_STORE = {"Cache-Control": "no-store"}

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;
margin:15vh auto 0;padding:0 1.25rem}}h1{{font-size:1.4rem}}a{{color:inherit}}</style></head>
<body><main><h1>{title}</h1><p>{detail}</p><p>{hint}</p>{link}</main></body></html>"""


def refusal(connection: HTTPConnection, refused: Refused) -> Response:
    """The response to a request that is not let in."""
    if not wants_page(connection):
        hint = refused.hint or (f"Sign in at {refused.sign_in_at}." if refused.sign_in_at else "")
        return respond(Problem(refused.status, refused.detail, hint), _NO_STORE)
    if refused.status == 401 and refused.sign_in_at:
        path = connection.scope["path"]
        query = connection.url.query
        back = quote(f"{path}?{query}" if query else path, safe="")
        return RedirectResponse(f"{refused.sign_in_at}?next={back}", 303, _NO_STORE)
    title = "No access" if refused.status == 403 else "Not signed in"
    return page(title, refused.detail, refused.hint, refused.status, again=refused.sign_in_at)


def page(title: str, detail: str, hint: str, status: int = 200, *, again: str = "") -> Response:
    """A small page; ``again`` is where its link to sign in leads."""
    link = f'<p><a href="{escape(again)}">Sign in</a></p>' if again else ""
    text = _PAGE.format(title=escape(title), detail=escape(detail), hint=escape(hint), link=link)
    return HTMLResponse(text, status, _NO_STORE)


def wants_page(connection: HTTPConnection) -> bool:
    """Whether a person's browser opens this as a page."""
    if connection.scope["type"] != "http" or connection.scope["method"] not in ("GET", "HEAD"):
        return False
    mode = connection.headers.get("sec-fetch-mode", "navigate")
    return mode == "navigate" and "text/html" in connection.headers.get("accept", "")
