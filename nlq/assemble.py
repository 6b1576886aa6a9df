"""Puts an assistant together from settings: the one place that knows every implementation."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

from nlq.catalog.catalog import Catalog
from nlq.catalog.merge import merge
from nlq.catalog.yaml_docs import YamlDocs
from nlq.drafting.drafter import Drafter
from nlq.engine.base import Engine
from nlq.log import AuditLog
from nlq.pipeline import Assistant, read_now
from nlq.settings import Settings
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Clock

OnProgress = Callable[[str, float | None], None]

PROMPTS = ("choose_metric", "write_sql", "repair_sql")


def sample_folder() -> Path:
    """The folder that holds the sample's docs and policy."""
    return Path(str(resources.files("nlq.sample")))


def load_catalog(settings: Settings) -> Catalog:
    """The merged docs of every source that the settings name; raises ``CatalogError``."""
    return merge([YamlDocs(settings.catalog.docs or sample_folder() / "docs")])


def load_policy(settings: Settings) -> Policy:
    """The policy; raises ``PolicyError``."""
    return Policy.load(settings.policy or sample_folder() / "policy.yaml")


def make_clock(settings: Settings) -> Callable[[], Clock]:
    """The clock: fixed by the settings, else the sample lake's day for it, else the real one."""
    from nlq.sample.facts import SAMPLE_NOW

    if settings.clock.today is None and settings.catalog.docs is None:
        return lambda: settings.clock_at(SAMPLE_NOW)
    return lambda: settings.clock_at(read_now())


def open_engine(settings: Settings) -> Engine:
    """The query engine; raises ``LakeNotReady`` or ``EngineUnavailable``."""
    from nlq.engine.duckdb_engine import DuckDbEngine

    now = make_clock(settings)()
    return DuckDbEngine(settings.lake_dir, now=now.now)


def open_assistant(
    settings: Settings, on_progress: OnProgress | None = None, *, engine: Engine | None = None
) -> Assistant:
    """An assistant over the lake that the settings name.

    The chat model is made ready on its first use, or by ``warm_up``. Raises ``SettingsError``,
    ``CatalogError``, ``PolicyError``, ``LakeNotReady``, ``IndexNotReady`` or ``ModelError``.
    """
    from nlq.llm.embeddings import embeddings
    from nlq.llm.models import chat_model
    from nlq.llm.prompts import load_prompt
    from nlq.llm.tokens import token_counter
    from nlq.retrieval.index import open_index
    from nlq.retrieval.retriever import Retriever

    say = on_progress or (lambda _text, _share: None)
    say("Reading the catalog", None)
    catalog = load_catalog(settings)
    policy = load_policy(settings)
    say("Opening the lake", None)
    engine = engine or open_engine(settings)
    say("Opening the index", None)
    index = open_index(catalog, embeddings(settings.embeddings), settings.index_dir)
    prompts = {name: load_prompt(name, settings.prompts) for name in PROMPTS}
    model = chat_model(settings.llm, settings.models_dir, on_progress)
    return Assistant(
        catalog=catalog,
        policy=policy,
        guard=Guard(catalog, policy),
        retriever=Retriever(
            catalog,
            index,
            token_counter=token_counter(),
            budget_tokens=settings.llm.context_tokens,
        ),
        drafter=Drafter(model, prompts),
        engine=engine,
        audit=AuditLog(settings.audit_path),
        clock=make_clock(settings),
        limits=settings.engine.limits,
        repairs=settings.repairs,
    )
