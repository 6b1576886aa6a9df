"""Writes docs/settings.md from the settings' own descriptions; run by ``make docs``."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from nlq.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"

HEAD = """# Settings

<!-- Written by `make docs` from nlq/settings.py; change it there. -->

Environment variables come before the settings file, and that before the defaults. The file is
`nlq.toml` in the working folder, else in the home folder, else the one that `NLQ_CONFIG` names. A
key of a section is written `NLQ_SECTION__KEY` in the environment and stands under `[section]` in
the file. `nlq doctor` checks what is set.

```toml
[llm]
provider = "openai"
base_url = "http://127.0.0.1:8000/v1"
model = "qwen2.5-coder"

[serve]
port = 8080
```

Secrets (keys) are best set in the environment; they are never logged nor shown.
"""

FOOT = """
## Beside the settings

| variable | meaning |
|---|---|
| `NLQ_CONFIG` | Path of the settings file. |
| `NLQ_DEBUG` | `1` shows the traceback of an error as well. |
"""


def page() -> str:
    """The whole page."""
    return "".join([HEAD, _section("General", Settings, ""), *_inner(Settings, "")]) + FOOT


def _inner(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """The sections inside a model, and those inside them."""
    for name, field in model.model_fields.items():
        if _is_section(field):
            inner = typing.cast("type[BaseModel]", field.annotation)
            yield _section(prefix + name, inner, prefix + name)
            yield from _inner(inner, f"{prefix}{name}.")


def _is_section(field: FieldInfo) -> bool:
    kind = field.annotation
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _section(title: str, model: type[BaseModel], prefix: str) -> str:
    about = (model.__doc__ or "").strip() if prefix else ""
    rows = [
        f"| `{prefix + '.' if prefix else ''}{name}` | `{_variable(prefix, name)}` | "
        f"{_default(name, field)} | {field.description or ''}{_choices(field)} |\n"
        for name, field in model.model_fields.items()
        if not _is_section(field)
    ]
    text = " ".join(line.strip() for line in about.splitlines())
    return (
        f"\n## {title}\n\n{text}{chr(10) * 2 if text else ''}"
        "| key | environment | default | meaning |\n|---|---|---|---|\n" + "".join(rows)
    )


def _variable(prefix: str, name: str) -> str:
    return "NLQ_" + (f"{prefix}.{name}" if prefix else name).replace(".", "__").upper()


def _default(name: str, field: FieldInfo) -> str:
    value = field.default
    if name == "home":
        return "the user's data folder"
    if value is PydanticUndefined or value in (None, "", {}) or isinstance(value, SecretStr):
        return ""
    return f"`{', '.join(value) if isinstance(value, tuple) else value}`"


def _choices(field: FieldInfo) -> str:
    kind = field.annotation
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) is not typing.Literal:
        return ""
    return " One of " + ", ".join(f"`{choice}`" for choice in typing.get_args(kind)) + "."


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text("utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
