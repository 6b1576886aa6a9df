"""Puts an assistant together from settings: the one place that knows every implementation."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

from langchain_core.language_models.chat_models import BaseChatModel

from nlq.catalog.catalog import Catalog
from nlq.catalog.joins import infer_joins
from nlq.catalog.keys import Evidence, infer_keys, with_keys
from nlq.catalog.meanings import with_meanings
from nlq.catalog.merge import merge
from nlq.catalog.places import place_names, with_places
from nlq.catalog.profile import Profile, load_profile, save_profile, with_joins
from nlq.catalog.source import CatalogSource
from nlq.catalog.yaml_docs import YamlDocs
from nlq.drafting.drafter import PROMPTS, Drafter
from nlq.engine.base import Engine
from nlq.errors import SettingsError
from nlq.kept.reviews import Reviews
from nlq.log import AuditLog
from nlq.look import Look
from nlq.pipeline import Assistant, read_now
from nlq.retrieval.values import sample_values, with_values
from nlq.settings import Settings
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Clock

OnProgress = Callable[[str, float | None], None]


def sample_folder() -> Path:
    """The folder that holds the sample's docs and policy."""
    return Path(str(resources.files("nlq.sample")))


def load_catalog(settings: Settings) -> Catalog:
    """The merged docs of every source that the settings name, with what the last index build saw in
    the lake; raises ``CatalogError`` or ``IndexNotReady``."""
    profile = load_profile(_profile_path(settings))
    catalog = with_keys(merge(_sources(settings)), profile.keys)
    catalog = with_values(with_joins(catalog, profile.joins), profile.values)
    return with_places(with_meanings(catalog), profile.places)


def _sources(settings: Settings) -> list[CatalogSource]:
    """From the least to the most trusted: the engine's metadata, then what people wrote."""
    from nlq.catalog.engine_docs import FILE_NAME, EngineDocs

    sources: list[CatalogSource] = []
    if settings.catalog.engine:
        sources.append(EngineDocs(settings.home / FILE_NAME))
    if settings.catalog.docs or settings.catalog.is_sample:
        sources.append(YamlDocs(settings.catalog.docs or sample_folder() / "docs"))
    return sources


def profile_lake(settings: Settings) -> Profile:
    """Look at the lake's values, and keep what they tell.

    That is values for value linking, and the keys and joins that no doc declares. Runs guarded
    queries as the principal of the settings; what they may not see is left out. Raises
    ``LakeNotReady``, ``EngineError``, ``CatalogError`` or ``PolicyError``.
    """
    path = _profile_path(settings)
    path.unlink(missing_ok=True)
    catalog, policy = load_catalog(settings), load_policy(settings)
    engine = open_engine(settings, catalog, policy)
    try:
        look = Look(Guard(catalog, policy), engine, settings.asking, settings.engine.seconds)
        keys = infer_keys(Evidence(catalog, look))
        joins = infer_joins(Evidence(with_keys(catalog, keys), look))
        values = sample_values(catalog, look.values)
        places = place_names(with_values(catalog, values))
        profile = Profile(values, joins, keys, places)
    finally:
        engine.close()
    save_profile(profile, path)
    return profile


def _profile_path(settings: Settings) -> Path:
    return settings.home / "profile.json"


def index_model(settings: Settings) -> str:
    """The name under which the index keeps this embedding model's vectors apart from others'."""
    chosen = settings.embeddings
    return "embedded" if chosen.provider == "embedded" else f"{chosen.base_url}:{chosen.model}"


def load_policy(settings: Settings) -> Policy:
    """The policy; raises ``PolicyError``."""
    return Policy.load(settings.policy or sample_folder() / "policy.yaml")


def make_clock(settings: Settings) -> Callable[[], Clock]:
    """The clock: fixed by the settings, else the sample lake's day for it, else the real one."""
    from nlq.sample.facts import SAMPLE_NOW

    if settings.clock.today is None and settings.catalog.is_sample:
        return lambda: settings.clock_at(SAMPLE_NOW)
    return lambda: settings.clock_at(read_now())


def open_engine(settings: Settings, catalog: Catalog, policy: Policy) -> Engine:
    """The engine or the clusters; raises ``LakeNotReady`` or ``SettingsError``."""
    from nlq.engine import opening

    def table_bytes(name: str) -> int | None:
        table = catalog.tables.get(name)
        return table.size_bytes if table else None

    return opening.open_engine(
        settings.engine,
        settings.lake_dir,
        now=make_clock(settings)().now,
        real_now=read_now,
        rights=lambda principal: policy.grants(principal).fingerprint,
        sizes=table_bytes,
    )


def open_assistant(
    settings: Settings,
    on_progress: OnProgress | None = None,
    *,
    engine: Engine | None = None,
    model: BaseChatModel | None = None,
) -> Assistant:
    """An assistant over the lake that the settings name; ``engine`` and ``model`` replace theirs.

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
    engine = engine or open_engine(settings, catalog, policy)
    say("Opening the index", None)
    index = open_index(
        catalog,
        embeddings(settings.embeddings),
        settings.index_dir,
        model=index_model(settings),
        server=settings.index.server,
    )
    prompts = {name: load_prompt(name, settings.prompts) for name in PROMPTS}
    model = model or chat_model(settings.llm, settings.models_dir, on_progress)
    return Assistant(
        catalog=catalog,
        policy=policy,
        guard=Guard(catalog, policy),
        retriever=Retriever(
            catalog,
            index,
            token_counter=token_counter(),
            budget_tokens=settings.llm.context_tokens,
            drafting=settings.drafting,
        ),
        drafter=Drafter(model, prompts, settings.drafting),
        engine=engine,
        audit=AuditLog(settings.audit_path),
        clock=make_clock(settings),
        limits=settings.engine.limits,
        repairs=settings.repairs,
        drafts=settings.drafting.drafts if settings.drafting.agree else 1,
        in_doubt=settings.drafting.in_doubt,
    )


def open_reviews(settings: Settings, assistant: Assistant) -> Reviews:
    """The review queue over that assistant; raises ``SettingsError`` without an audit log."""
    if not isinstance(assistant.audit, AuditLog):
        raise SettingsError("The review queue reads an audit log in SQLite, and there is none.")
    return Reviews(
        assistant, assistant.audit, settings.kept_path, settings.reviews, settings.catalog.docs
    )
