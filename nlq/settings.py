"""Settings: environment variables (``NLQ_...``) over ``nlq.toml`` over defaults; secrets hidden.

``NLQ_LLM__MODEL`` is the key ``model`` of section ``llm``. ``nlq.toml`` is looked for in the
working folder, then in the home folder (``NLQ_HOME``), or at ``NLQ_CONFIG``.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from nlq.errors import SettingsError
from nlq.review_settings import ReviewSettings as ReviewSettings
from nlq.serve_settings import Section
from nlq.serve_settings import ServeSettings as ServeSettings
from nlq.serve_settings import TokenSettings as TokenSettings
from nlq.slack_settings import SlackSettings
from nlq.types import Clock, InDoubt, Principal, RunLimits


class LlmSettings(Section):
    """The chat model.

    ``provider`` ``embedded`` runs ``gguf`` (or the packaged model) in process; ``openai`` talks to
    OpenAI or, with ``base_url``, to any OpenAI-compatible server.
    """

    provider: Literal["embedded", "openai"] = Field(
        "embedded", description="In process, or at a server."
    )
    model: str = Field("", description="Model name at the server; empty for its usual default.")
    base_url: str = Field("", description="Address of an OpenAI-compatible server.")
    api_key: SecretStr = Field(SecretStr(""), description="Key for that server.")
    gguf: Path | None = Field(None, description="Another GGUF file for the embedded provider.")
    timeout_s: float = Field(120.0, gt=0, description="Longest wait for one model call, seconds.")
    retries: int = Field(2, ge=0, le=10, description="Tries again after a passing failure.")
    temperature: float = Field(0.0, ge=0, le=2, description="Sampling temperature.")
    max_output_tokens: int = Field(400, gt=0, description="Longest model answer, tokens.")
    context_tokens: int = Field(600, gt=100, description="Budget of the packed context, tokens.")
    threads: int = Field(0, ge=0, description="Threads of the embedded model; 0 is all cores.")
    window_tokens: int = Field(8192, gt=512, description="Window of the embedded model, tokens.")


class DraftingSettings(Section):
    """What helps a model to write queries; each can be switched off, to see what it brings."""

    metrics: bool = Field(True, description="Compile governed metrics that a question names.")
    whole_lake: bool = Field(
        True, description="Give all tables of a small lake, in a part that is read once."
    )
    values: bool = Field(True, description="Say which columns hold the values that are named.")
    joins: bool = Field(True, description="Say how the tables that matter are joined.")
    rules: bool = Field(True, description="Give the glossary's entries that matter.")
    examples: bool = Field(True, description="Give a like verified query as an example.")
    mend: bool = Field(True, description="Mend names, joins and values by the catalog.")
    ground: bool = Field(True, description="Refuse what no doc explains.")
    agree: bool = Field(
        True, description="Where the model is unsure, draft again and take what drafts agree on."
    )
    in_doubt: InDoubt = Field(
        "by_role",
        description="Where drafts disagree: `ask` back, `warn` beside the answer, or `refuse`; "
        "`by_role` asks executives and warns others. All but `refuse` ask where the data may lack "
        "what is asked, too.",
    )
    lake_tokens: int = Field(
        2400, ge=0, description="Longest docs of a whole lake that a prompt takes, tokens."
    )
    drafts: int = Field(4, ge=1, le=9, description="Most drafts of one question.")


class EmbeddingSettings(Section):
    """The embedding model: the packaged MiniLM, or an OpenAI-compatible server's."""

    provider: Literal["embedded", "openai"] = Field(
        "embedded", description="In process, or at a server."
    )
    model: str = Field("text-embedding-3-small", description="Model name at the server.")
    base_url: str = Field("", description="Address of an OpenAI-compatible server.")
    api_key: SecretStr = Field(SecretStr(""), description="Key for that server.")


class IndexSettings(Section):
    """The vector index: Chroma in process, or a Chroma server by its address."""

    server: str = Field("", description="Address of a Chroma server; empty runs it in process.")


class CatalogSettings(Section):
    """Where table docs come from."""

    docs: Path | None = Field(
        None, description="Folder of YAML docs; empty is the sample's, unless `engine` names some."
    )
    engine: tuple[str, ...] = Field(
        (), description="The engine's catalogs whose metadata `nlq catalog pull` keeps."
    )

    @property
    def is_sample(self) -> bool:
        """Whether the docs are those of the sample lake."""
        return self.docs is None and not self.engine


class ClusterSettings(Section):
    """One PrestoDB or Trino cluster, and whose queries it takes."""

    name: str = Field(description="What answers and logs call it.")
    kind: Literal["presto", "trino"] = Field(description="PrestoDB or Trino.")
    url: str = Field(description="Its coordinator's address, like https://presto.example.com:8443.")
    roles: tuple[str, ...] = Field((), description="Whose queries it takes; empty is everyone's.")
    weight: int = Field(1, ge=1, description="Its share of the queries that several may take.")
    draining: bool = Field(False, description="Takes no new queries while another one can.")
    client_tags: tuple[str, ...] = Field((), description="Choose the resource group.")
    session: dict[str, str] = Field({}, description="Session properties of every query.")
    zone: str = Field("UTC", description="Time zone of its sessions.")
    user: str = Field("", description="Who signs in with the password; empty signs nobody in.")
    password: SecretStr = Field(SecretStr(""), description="Password of that user.")
    token: SecretStr = Field(SecretStr(""), description="JSON web token to sign in with instead.")
    ca_file: Path | None = Field(None, description="Certificate authority that it is checked by.")


class EngineSettings(Section):
    """Where queries run, and within which limits."""

    kind: Literal["duckdb", "presto", "trino"] = Field(
        "duckdb", description="The embedded engine over the lake's files, or a server at `url`."
    )
    url: str = Field("", description="Address of the one PrestoDB or Trino server.")
    clusters: tuple[ClusterSettings, ...] = Field(
        (), description="Several servers instead of `kind` and `url`; see docs/clusters.md."
    )
    seconds: float = Field(60.0, gt=0, description="Longest run of one query, seconds.")
    rows: int = Field(10_000, gt=0, description="Most rows of a result.")
    size_bytes: int = Field(50_000_000, gt=0, description="Most bytes of a result.")
    read_bytes: int | None = Field(None, gt=0, description="Most bytes that one query may read.")
    cache_s: float = Field(
        300.0, ge=0, description="How long a result is kept where changes cannot be seen; 0: never."
    )
    cache_bytes: int = Field(100_000_000, ge=0, description="Room for kept results; 0 keeps none.")
    rights_in_engine: bool = Field(
        True, description="Clusters have rights of their own: results are kept for each person."
    )

    @property
    def limits(self) -> RunLimits:
        """The limits as the engine takes them."""
        return RunLimits(self.seconds, self.rows, self.size_bytes, self.read_bytes)


class QueryLogSettings(Section):
    """The query log in the lake; see docs/audit.md."""

    lake: Path | None = Field(
        None, description="Folder of the lake that it is written to; empty is `lake`."
    )
    cluster: str = Field(
        "", description="Name of the cluster that is told of new days; empty tells none."
    )
    location: str = Field(
        "", description="What that cluster calls the lake's folder `ops`, like s3://lake/ops."
    )
    catalog: str = Field("lake", description="The cluster's Hive catalog for the tables.")
    user: str = Field("nlq", description="Who makes the tables there.")


class ClockSettings(Section):
    """What "today" is. ``today`` is for the sample lake and tests; empty is the real clock."""

    today: datetime | None = Field(
        None, description="Fixed local time; empty is the sample lake's day, or the real clock."
    )
    zone: str = Field("UTC", description="Time zone of the people who ask.")
    fiscal_start_month: int = Field(1, ge=1, le=12, description="First month of the fiscal year.")
    week_starts: int = Field(1, ge=1, le=7, description="First day of the week, 1 is Monday.")

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as exc:
            raise ValueError(f"unknown time zone {zone!r}; use a name like Europe/Berlin") from exc
        return zone


class PrincipalSettings(Section):
    """Who asks where nobody signed in (the terminal, the page on loopback)."""

    name: str = Field("analyst", description="Name that the log and the engine are told.")
    roles: tuple[str, ...] = Field(("analyst",), description="Roles of the policy that they have.")


class Settings(BaseSettings):
    """Everything that can be set, by section."""

    model_config = SettingsConfigDict(
        env_prefix="NLQ_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    home: Path = Field(
        default_factory=lambda: _default_home(),
        description="Folder for the lake, the index, the model and the audit log; .nlq of the "
        "working folder where there is one, else the user's data folder.",
    )
    config: Path | None = Field(None, description="Path of the settings file.")
    llm: LlmSettings = Field(default_factory=LlmSettings)
    drafting: DraftingSettings = Field(default_factory=DraftingSettings)
    embeddings: EmbeddingSettings = Field(default_factory=EmbeddingSettings)
    index: IndexSettings = Field(default_factory=IndexSettings)
    catalog: CatalogSettings = Field(default_factory=CatalogSettings)
    engine: EngineSettings = Field(default_factory=EngineSettings)
    clock: ClockSettings = Field(default_factory=ClockSettings)
    principal: PrincipalSettings = Field(default_factory=PrincipalSettings)
    serve: ServeSettings = Field(default_factory=ServeSettings)
    slack: SlackSettings = Field(default_factory=SlackSettings)
    query_log: QueryLogSettings = Field(default_factory=QueryLogSettings)
    reviews: ReviewSettings = Field(default_factory=ReviewSettings)
    policy: Path | None = Field(None, description="Policy file; empty is the sample's.")
    prompts: Path | None = Field(None, description="Folder of prompt files; empty is nlq's own.")
    lake: Path | None = Field(None, description="Folder of the sample lake; empty is in home.")
    models: Path | None = Field(None, description="Folder for model files; empty is in home.")
    audit: Path | None = Field(None, description="The audit log's file; empty is in home.")
    kept: Path | None = Field(
        None, description="The file of conversations and pins; empty is in home."
    )
    kept_days: int = Field(
        0, ge=0, description="Conversations are deleted so many days after their last question; "
        "0: never.",
    )  # fmt: skip
    repairs: int = Field(2, ge=0, le=2, description="Most times a draft goes back for repair.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments over the environment over the file."""
        file = _config_file()
        sources = (init_settings, env_settings)
        return (*sources, TomlConfigSettingsSource(settings_cls, file)) if file else sources

    @property
    def lake_dir(self) -> Path:
        """Where the sample lake's files are."""
        return self.lake or self.home / "lake"

    @property
    def index_dir(self) -> Path:
        """Where the search index is."""
        return self.home / "index"

    @property
    def models_dir(self) -> Path:
        """Where joined model files are."""
        return self.models or self.home / "models"

    @property
    def audit_path(self) -> Path:
        """The audit log's SQLite file."""
        return self.audit or self.home / "audit.sqlite"

    @property
    def kept_path(self) -> Path:
        """The SQLite file of what is kept for people: conversations, pins, reviews."""
        return self.kept or self.home / "kept.sqlite"

    @property
    def asking(self) -> Principal:
        """Who asks where nobody signed in."""
        return Principal(self.principal.name, self.principal.roles)

    def clock_at(self, now: datetime) -> Clock:
        """The clock at ``now`` (a zoned time), or at the fixed time that the settings name."""
        zone = ZoneInfo(self.clock.zone)
        fixed = self.clock.today
        local = fixed.replace(tzinfo=zone) if fixed else now.astimezone(zone)
        return Clock(local, zone, self.clock.fiscal_start_month, self.clock.week_starts)


def _default_home() -> Path:
    here = Path.cwd() / ".nlq"
    return here if here.is_dir() else platformdirs.user_data_path("nlq")


def _config_file() -> Path | None:
    if named := os.environ.get("NLQ_CONFIG"):
        if not Path(named).is_file():
            raise SettingsError(
                f"NLQ_CONFIG names {named}, which is not a file.",
                hint="Correct the path, or unset NLQ_CONFIG.",
            )
        return Path(named)
    home = Path(os.environ.get("NLQ_HOME") or _default_home())
    return next((p for p in (Path("nlq.toml"), home / "nlq.toml") if p.is_file()), None)


def load_settings() -> Settings:
    """Read the settings; raises ``SettingsError`` naming the setting that is wrong."""
    try:
        return Settings()
    except ValidationError as exc:
        first = exc.errors(include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"The setting {name} is wrong: {first['msg']}.",
            hint="docs/settings.md lists every setting; environment names are NLQ_SECTION__KEY.",
        ) from exc
