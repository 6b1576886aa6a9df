"""Prompt files: a name and inputs enter, chat messages leave.

``NAME.md`` has YAML front matter (what it takes, its limits) and sections ``## system``,
``## user`` and, for examples, ``## assistant``. ``{{input}}`` stands for a declared input, and
nothing else does: a wrong file or a wrong set of inputs is a ``PromptError`` before any call.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlq.errors import PromptError

Role = Literal["system", "user", "assistant"]

_MESSAGES: dict[str, type[BaseMessage]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}
_SECTION = re.compile(r"^## (system|user|assistant)[ \t]*$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    version: int | str
    description: str
    inputs: dict[str, str] = Field(default_factory=dict)
    json_schema: dict[str, Any] | None = None
    max_tokens: int | None = Field(None, gt=0)
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt file. ``inputs`` names what it takes and says what each is.

    ``id`` is ``name@version#hash``: the hash shows in the log when a file was changed and its
    version was not. ``max_tokens`` (None where the file leaves it open), ``stop`` and
    ``json_schema`` go to the model with the messages.
    """

    id: str
    name: str
    description: str
    inputs: Mapping[str, str]
    sections: tuple[tuple[Role, str], ...]
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    json_schema: dict[str, Any] | None = field(default=None, hash=False)

    def render(self, **inputs: str) -> tuple[BaseMessage, ...]:
        """The messages with ``inputs`` set in; what a value holds is never read as a placeholder.

        Raises ``PromptError`` naming the inputs that are missing or unknown.
        """
        missing = [name for name in self.inputs if name not in inputs]
        extra = [name for name in inputs if name not in self.inputs]
        if missing or extra:
            wrong = [f"{name} is missing" for name in missing]
            wrong += [f"{name} is not declared" for name in extra]
            raise PromptError(
                f"The prompt {self.id} was given the wrong inputs: {', '.join(wrong)}.",
                hint=f"It takes: {', '.join(self.inputs) or 'none'}.",
            )
        return tuple(
            _MESSAGES[role](_PLACEHOLDER.sub(lambda found: inputs[found[1].strip()], text))
            for role, text in self.sections
        )


def own_folder() -> Path:
    """nlq's own prompt files: beside the package in a wheel, at the root of a checkout."""
    package = Path(__file__).resolve().parents[1]
    packed = package / "_prompts"
    return packed if packed.is_dir() else package.parent / "prompts"


def load_prompt(name: str, folder: Path | None = None) -> Prompt:
    """The prompt ``name`` of ``folder``, or of nlq's own; raises ``PromptError``."""
    folder = folder or own_folder()
    path = folder / f"{name}.md"
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        there = ", ".join(sorted(file.stem for file in folder.glob("*.md"))) or "none"
        raise PromptError(
            f"There is no prompt {name!r} in {folder}.", hint=f"Prompts there: {there}."
        ) from None
    except (OSError, UnicodeDecodeError) as exc:
        raise PromptError(f"The prompt file {path} cannot be read: {exc}.") from exc
    return _parse(path, content)


def _parse(path: Path, content: str) -> Prompt:
    before, opened, rest = content.partition("---\n")
    front, closed, body = rest.partition("\n---\n")
    if before.strip() or not opened or not closed:
        raise PromptError(f"{path}: a prompt file begins with front matter between --- lines.")
    try:
        meta = _FrontMatter.model_validate(yaml.safe_load(front))
    except yaml.YAMLError as exc:
        raise PromptError(f"{path}: the front matter is not YAML: {exc}.") from exc
    except ValidationError as exc:
        first = exc.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "front matter"
        raise PromptError(f"{path}: {where}: {first['msg']}.") from exc
    if meta.name != path.stem:
        raise PromptError(f"{path}: its name is {meta.name!r}, its file's is {path.stem!r}.")
    sections = tuple(_sections(path, body))
    _check_placeholders(path, sections, meta)
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    return Prompt(
        id=f"{meta.name}@{meta.version}#{digest}",
        name=meta.name,
        description=meta.description,
        inputs=meta.inputs,
        sections=sections,
        max_tokens=meta.max_tokens,
        stop=meta.stop,
        json_schema=meta.json_schema,
    )


def _sections(path: Path, body: str) -> Iterator[tuple[Role, str]]:
    intro, *parts = _SECTION.split(body)
    if intro.strip() or not parts:
        raise PromptError(f"{path}: the text begins with a line '## system' or '## user'.")
    for role, text in zip(parts[::2], parts[1::2], strict=True):
        if not text.strip():
            raise PromptError(f"{path}: the section '## {role}' is empty.")
        yield role, text.strip()  # type: ignore[misc]  # the pattern matches these roles only


def _check_placeholders(
    path: Path, sections: tuple[tuple[Role, str], ...], meta: _FrontMatter
) -> None:
    used = {found[1].strip() for _, text in sections for found in _PLACEHOLDER.finditer(text)}
    if undeclared := sorted(used - meta.inputs.keys()):
        raise PromptError(
            f"{path}: placeholders that are not declared as inputs: {', '.join(undeclared)}.",
            hint=f"Declared inputs: {', '.join(meta.inputs) or 'none'}.",
        )
    if unused := sorted(meta.inputs.keys() - used):
        raise PromptError(f"{path}: declared inputs that the text never uses: {', '.join(unused)}.")
