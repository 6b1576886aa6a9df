"""Which Java runs a server, among pretended ones."""

from __future__ import annotations

import pytest

from nlq.engine.servers.java import find_java, read_java
from nlq.engine.servers.recipe import PRESTO, TRINO
from nlq.errors import SettingsError

VECTOR = "java.base jdk.compiler jdk.incubator.vector"


@pytest.mark.parametrize(
    ("version", "wanted"), [("11.0.13", 11), ("1.8.0_392", 8), ("25", 25), ("25.0.3", 25)]
)
def test_a_java_says_what_it_is(tmp_path, version, wanted, java) -> None:
    found = read_java(java(tmp_path / "jdk", version, VECTOR))
    assert found is not None
    assert found.version == wanted
    assert "jdk.incubator.vector" in found.modules


def test_a_folder_without_java_is_none(tmp_path, java) -> None:
    assert read_java(tmp_path) is None
    (java(tmp_path / "jdk", "11") / "release").unlink()
    assert read_java(tmp_path / "jdk") is None


def test_the_one_that_fits_is_found_in_the_usual_folders(tmp_path, java) -> None:
    java(tmp_path / "a", "17.0.1")
    java(tmp_path / "b", "25.0.1")  # a run-time without the module
    wanted = java(tmp_path / "c", "25.0.1", VECTOR)
    assert find_java(TRINO, {}, (f"{tmp_path}/*",)).home == wanted


def test_java_home_comes_first(tmp_path, java) -> None:
    java(tmp_path / "a", "25", VECTOR)
    home = java(tmp_path / "other" / "home", "26", VECTOR)
    assert find_java(TRINO, {"JAVA_HOME": str(home)}, (f"{tmp_path}/*",)).home == home


def test_without_a_fitting_java_it_says_which_there_are(tmp_path, java) -> None:
    java(tmp_path / "a", "17.0.1")
    java(tmp_path / "b", "25.0.1")
    with pytest.raises(SettingsError) as caught:
        find_java(TRINO, {}, (f"{tmp_path}/*",))
    assert "a is version 17" in caught.value.message
    assert "b lacks the module jdk.incubator.vector" in caught.value.message
    assert "NLQ_JAVA25" in caught.value.hint


@pytest.mark.parametrize(("version", "words"), [("17.0.1", "is version 17"), ("", "is no Java")])
def test_a_named_java_must_fit(tmp_path, version, words, java) -> None:
    java(tmp_path / "good" / "jdk", "25", VECTOR)
    named = tmp_path / "named"
    if version:
        java(named, version)
    with pytest.raises(SettingsError, match=f"NLQ_JAVA25 names .* {words}"):
        find_java(TRINO, {"NLQ_JAVA25": str(named)}, (f"{tmp_path}/good/*",))


def test_presto_takes_java_11_alone(tmp_path, java) -> None:
    home = java(tmp_path / "eleven", "11.0.2")
    assert find_java(PRESTO, {"NLQ_JAVA11": str(home)}, ()).home == home
    with pytest.raises(SettingsError, match="needs Java 11"):
        find_java(PRESTO, {"NLQ_JAVA11": str(java(tmp_path / "new", "17"))}, ())
