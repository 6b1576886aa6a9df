from __future__ import annotations

import pytest
from nlq_ui.sign_in.origin import is_of_another_site

HOST = {"host": "nlq.example.com"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {}),  # no browser
        ("POST", {"origin": "https://nlq.example.com"}),
        ("POST", {"origin": "https://nlq.example.com:443"}),
        ("GET", {"sec_fetch_site": "none", "sec_fetch_mode": "navigate"}),
        ("GET", {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}),
        ("GET", {"sec_fetch_site": "same-origin", "sec_fetch_mode": "cors"}),
    ],
)
def test_requests_of_our_own_pages_links_and_programs(request_of, method, headers):
    assert not is_of_another_site(request_of(method, **HOST, **headers))


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"origin": "https://evil.example"}),
        ("POST", {"origin": "https://nlq.example.com.evil.example"}),
        ("POST", {"origin": "https://nlq.example.com:8443"}),
        ("POST", {"origin": "null"}),
        ("POST", {"origin": "https://nlq.example.com:x"}),
        ("POST", {"origin": "file://nlq.example.com"}),
        ("POST", {"sec_fetch_site": "same-site"}),
        ("POST", {"origin": "https://evil.example", "sec_fetch_mode": "navigate"}),
        ("GET", {"origin": "https://evil.example"}),
        ("GET", {"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"}),
        (
            "GET",
            {
                "sec_fetch_site": "cross-site",
                "sec_fetch_mode": "navigate",
                "sec_fetch_dest": "iframe",
            },
        ),
    ],
)
def test_requests_of_another_sites_pages(request_of, method, headers):
    assert is_of_another_site(request_of(method, **HOST, **headers))


def test_websockets_are_never_only_read(request_of):
    headers = {**HOST, "sec_fetch_mode": "navigate", "origin": "https://evil.example"}
    assert is_of_another_site(request_of(type="websocket", **headers))


def test_the_address_that_people_open_counts_where_a_proxy_changes_the_host(request_of):
    asked = request_of("POST", host="10.0.0.1:7860", origin="https://nlq.example.com")
    assert is_of_another_site(asked)
    assert not is_of_another_site(asked, "https://nlq.example.com")
