"""Engines from settings: ``EngineSettings`` enter, one ``Engine`` leaves, whatever is behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nlq.engine.base import Engine
from nlq.errors import SettingsError
from nlq.settings import ClusterSettings, EngineSettings
from nlq.types import Principal

if TYPE_CHECKING:
    from trino.auth import Authentication

    from nlq.engine.trino_client import Client, Cluster
    from nlq.engine.trino_client_engine import ServerEngine

TableBytes = Callable[[str], int | None]


def open_engine(
    settings: EngineSettings,
    lake: Path,
    *,
    now: datetime,
    real_now: Callable[[], datetime],
    rights: Callable[[Principal], str],
    sizes: TableBytes,
) -> Engine:
    """The engine that the settings name, its results kept and shared.

    ``now`` is what the embedded engine takes for the current time, ``real_now`` (UTC) dates kept
    results. ``rights`` gives a text that is the same for principals of the same policy rights,
    ``sizes`` the bytes of a table where the catalog knows them.
    Raises ``LakeNotReady``, ``EngineUnavailable`` or ``SettingsError``.
    """
    from nlq.engine.shared_results import SharedResults

    engine = _lake_engine(lake, now) if is_embedded(settings) else _clusters(settings, sizes)

    def who(principal: Principal) -> str:
        own = settings.rights_in_engine and not is_embedded(settings)
        return f"{rights(principal)} {principal.name}" if own else rights(principal)

    return SharedResults(
        engine, rights=who, keep_s=settings.cache_s, room_bytes=settings.cache_bytes, now=real_now
    )


def is_embedded(settings: EngineSettings) -> bool:
    """Whether queries run in this process."""
    return settings.kind == "duckdb" and not settings.clusters


def open_cluster(cluster: ClusterSettings, sizes: TableBytes = lambda _: None) -> ServerEngine:
    """The engine of one cluster; nothing is sent to it yet.

    It never waits for a place in a queue: the router does, which may find one elsewhere.
    """
    from nlq.engine.trino_client_engine import ServerEngine

    return ServerEngine(_told(cluster), name=cluster.name, queue_wait_s=0, table_bytes=sizes)


def open_client(cluster: ClusterSettings) -> Client:
    """A client for statements of nlq's own on one cluster, as the user that they name."""
    from nlq.engine.trino_client import Client

    return Client(_told(cluster))


def _told(cluster: ClusterSettings) -> Cluster:
    from nlq.engine.trino_client import Cluster

    return Cluster(
        cluster.kind,
        cluster.url,
        client_tags=cluster.client_tags,
        session=cluster.session,
        timezone=cluster.zone,
        auth=_auth(cluster),
        verify=str(cluster.ca_file) if cluster.ca_file else True,
    )


def clusters_of(settings: EngineSettings) -> tuple[ClusterSettings, ...]:
    """The clusters that are named, that of ``kind`` and ``url`` included."""
    if settings.kind == "duckdb":
        if settings.url:
            raise SettingsError(
                "engine.url is set, but engine.kind is duckdb, which has no server.",
                hint="Set engine.kind to presto or trino.",
            )
        return settings.clusters
    if settings.clusters:
        raise SettingsError(
            "Both engine.kind and engine.clusters name servers.",
            hint="Leave engine.kind and engine.url out, or engine.clusters.",
        )
    if not settings.url:
        raise SettingsError(
            f"engine.kind is {settings.kind}, and engine.url is empty.",
            hint="Set engine.url to the coordinator's address.",
        )
    return (ClusterSettings(name=settings.kind, kind=settings.kind, url=settings.url),)


def _clusters(settings: EngineSettings, sizes: TableBytes) -> Engine:
    from nlq.engine.router import Member, Router

    return Router(
        [
            Member(open_cluster(cluster, sizes), cluster.roles, cluster.weight, cluster.draining)
            for cluster in clusters_of(settings)
        ]
    )


def _lake_engine(lake: Path, now: datetime) -> Engine:
    from nlq.engine.duckdb_engine import DuckDbEngine

    return DuckDbEngine(lake, now=now)


def _auth(cluster: ClusterSettings) -> Authentication | None:
    from trino.auth import BasicAuthentication, JWTAuthentication

    token, password = cluster.token.get_secret_value(), cluster.password.get_secret_value()
    if token and cluster.user:
        raise SettingsError(
            f"The cluster {cluster.name} has both a user and a token.", hint="Leave one out."
        )
    if token:
        return JWTAuthentication(token)
    if cluster.user:
        return BasicAuthentication(cluster.user, password)
    return None
