import pytest
from nlq_ui.address import address_of, listen

from nlq.errors import SettingsError


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.com", ""])
def test_the_page_is_not_served_to_others(host: str) -> None:
    with pytest.raises(SettingsError, match="no sign-in"):
        listen(host, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_free_port_on_loopback(host: str) -> None:
    with listen(host, 0) as sock:
        assert address_of(sock).startswith("http://127.0.0.1:")


def test_a_taken_port_is_told() -> None:
    with listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port}: address already in use"):
            listen("127.0.0.1", port)


def test_with_tokens_others_may_reach_it() -> None:
    with listen("0.0.0.0", 0, guarded=True) as sock:
        assert sock.getsockname()[0] == "0.0.0.0"
