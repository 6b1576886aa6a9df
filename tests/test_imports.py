"""The packages' imports form no cycle, and ``import nlq`` stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "nlq": ROOT / "nlq",
    "nlq_ui": ROOT / "ui/nlq_ui",
    "nlq_evals": ROOT / "evals/nlq_evals",
}

Graph = dict[str, set[str]]


def modules() -> dict[str, Path]:
    found = {}
    for package, folder in PACKAGES.items():
        for file in folder.rglob("*.py"):
            parts = file.relative_to(folder).with_suffix("").parts
            found[".".join((package, *parts)).removesuffix(".__init__")] = file
    return found


def imported(tree: ast.AST, known: set[str]) -> Iterator[str]:
    """Every module of ours that the code imports, in functions too; not those for types alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for other in node.orelse:
                yield from imported(other, known)
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in known:
                    yield inner
                elif node.module in known:
                    yield node.module
        yield from imported(node, known)


def graph() -> Graph:
    files = modules()
    return {
        name: set(imported(ast.parse(file.read_text("utf-8")), set(files))) - {name}
        for name, file in files.items()
    }


def cycle(edges: Graph) -> list[str]:
    """One cycle as a path, or nothing."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for other in sorted(edges[name]):
            if found := walk(other, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(edges) if (found := walk(name, []))), [])


def test_a_cycle_would_be_found() -> None:
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_imports_inside_functions_count_and_those_for_types_do_not() -> None:
    code = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from nlq.a import A
def f():
    from nlq import b
    import nlq.c
"""
    assert set(imported(ast.parse(code), {"nlq", "nlq.a", "nlq.b", "nlq.c"})) == {"nlq.b", "nlq.c"}


def test_imports_form_no_cycle() -> None:
    assert " -> ".join(cycle(graph())) == ""


def test_the_types_and_errors_import_nothing_of_ours() -> None:
    edges = graph()
    assert edges["nlq.types"] == set()
    assert edges["nlq.errors"] == set()


def test_the_library_knows_nothing_of_its_interfaces() -> None:
    """Only the command may start the page."""
    for name, others in graph().items():
        if name.startswith("nlq.") and not name.startswith("nlq.cli"):
            outside = {o for o in others if o.startswith(("nlq_ui", "nlq_evals", "nlq.cli"))}
            assert (name, outside) == (name, set())


def test_a_room_is_empty_but_for_its_docstring() -> None:
    for name, file in modules().items():
        if file.name == "__init__.py" and name != "nlq":
            body = ast.parse(file.read_text("utf-8")).body
            assert all(isinstance(n, ast.Expr | ast.ImportFrom) for n in body), name
            assert ast.get_docstring(ast.parse(file.read_text("utf-8"))), name


@pytest.mark.parametrize("module", ["nlq", "nlq.types", "nlq.errors"])
def test_the_library_is_light_to_import(module: str) -> None:
    code = (
        f"import sys, {module}; print(sorted({{'gradio', 'chromadb', 'langchain_core', 'duckdb', "
        "'sqlglot', 'numpy', 'pydantic', 'xllamacpp', 'openai', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
