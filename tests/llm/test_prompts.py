"""Prompt files: what a right one gives, and what is said of each wrong one."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from nlq.errors import PromptError
from nlq.llm.prompts import load_prompt, own_folder

GREET = """\
---
name: greet
version: 3
description: Greets one person.
inputs:
  name: Whom to greet.
  tone: How.
max_tokens: 20
stop: ["\\n", ";"]
json_schema: {type: object}
---
## system
You greet in a {{ tone }} way.
## Not a section
## user
Hello, I am {{name}}.
## assistant
Hello {{name}}!
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "greet.md").write_text(GREET)
    return tmp_path


def test_a_prompt_gives_messages_and_limits(folder):
    prompt = load_prompt("greet", folder)
    assert prompt.render(name="Ada", tone="dry") == (
        SystemMessage("You greet in a dry way.\n## Not a section"),
        HumanMessage("Hello, I am Ada."),
        AIMessage("Hello Ada!"),
    )
    assert (prompt.max_tokens, prompt.stop) == (20, ("\n", ";"))
    assert prompt.json_schema == {"type": "object"}
    assert dict(prompt.inputs) == {"name": "Whom to greet.", "tone": "How."}


def test_a_value_is_never_read_as_a_placeholder(folder):
    rendered = load_prompt("greet", folder).render(name=r"{{tone}} \1 {{", tone="dry")
    assert rendered[1].text == r"Hello, I am {{tone}} \1 {{."


def test_the_id_shows_a_changed_file(folder):
    before = load_prompt("greet", folder).id
    (folder / "greet.md").write_text(GREET.replace("Hello, I", "Hi, I"))
    after = load_prompt("greet", folder).id
    assert before.startswith("greet@3#")
    assert after.startswith("greet@3#")
    assert before != after


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"name": "Ada"}, "tone is missing"),
        ({}, "name is missing, tone is missing"),
        ({"name": "Ada", "tone": "dry", "age": "9"}, "age is not declared"),
    ],
)
def test_wrong_inputs_are_named(inputs, says, folder):
    with pytest.raises(PromptError, match=says) as caught:
        load_prompt("greet", folder).render(**inputs)
    assert caught.value.hint == "It takes: name, tone."


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{{name}}!", "{{nmae}}!", "not declared as inputs: nmae"),
        ("{{name}}!", "{{}}!", "not declared"),
        ("  tone: How.", "  tone: How.\n  mood: Extra.", "never uses: mood"),
        ("version: 3\n", "", "version: Field required"),
        ("version: 3", "version: 3\ncolour: red", "colour: Extra inputs"),
        ("max_tokens: 20", "max_tokens: 0", "max_tokens: "),
        ("name: greet", "name: other", "its name is 'other'"),
        ("inputs:", "inputs: [", "not YAML"),
        ("---\nname", "name", "begins with front matter"),
        ("## system\n", "", "begins with a line"),
        ("Hello {{name}}!", "", "'## assistant' is empty"),
    ],
)
def test_a_wrong_file_is_refused_before_any_call(old, new, says, folder):
    path = folder / "greet.md"
    path.write_text(GREET.replace(old, new, 1))
    with pytest.raises(PromptError, match=says) as caught:
        load_prompt("greet", folder)
    assert str(path) in caught.value.message


def test_an_unknown_name_lists_what_is_there(folder):
    with pytest.raises(PromptError, match="no prompt 'great'") as caught:
        load_prompt("great", folder)
    assert caught.value.hint == "Prompts there: greet."


@pytest.mark.parametrize("path", sorted(own_folder().glob("*.md")), ids=lambda path: path.stem)
def test_every_prompt_of_nlq_loads_and_renders(path):
    prompt = load_prompt(path.stem)
    rendered = prompt.render(**{name: f"<{name}>" for name in prompt.inputs})
    assert rendered
    assert prompt.description
    assert all(prompt.inputs.values())
