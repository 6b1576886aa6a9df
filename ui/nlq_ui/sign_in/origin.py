"""Where a request comes from: its headers go in, whether another site's page made it comes out."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

_READS = ("GET", "HEAD", "OPTIONS")


def is_of_another_site(connection: HTTPConnection, url: str = "") -> bool:
    """Whether a page of another origin made a request, other than by a link to a page of ours.

    ``url`` is the address that people open, where a proxy sends another ``Host``. Browsers say
    where a page's requests come from; what says nothing is no browser, and has no cookies that
    another page could use.
    """
    headers, scope = connection.headers, connection.scope
    reads = scope["type"] == "http" and scope["method"] in _READS
    whole_page = headers.get("sec-fetch-dest", "document") == "document"
    if reads and headers.get("sec-fetch-mode") == "navigate" and whole_page:
        return False
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
    hosts = (headers.get("host", ""), urlsplit(url).netloc)
    return not any(_is_of(origin, host) for host in hosts if host)


def _is_of(origin: str, host: str) -> bool:
    """Whether an origin is that of a host.

    The scheme is left out: behind a proxy with TLS the server itself sees plain HTTP.
    """
    try:
        told, ours = urlsplit(origin), urlsplit(f"//{host}")
        default = 443 if told.scheme == "https" else 80
        same_port = (told.port or default) == (ours.port or default)
    except ValueError:
        return False
    return told.scheme in ("http", "https") and same_port and told.hostname == ours.hostname
