"""llama.cpp in this process: requests enter (OpenAI's chat format), streamed chunks leave.

One worker thread loads the model and then serves requests one at a time, first come first served:
on a CPU two at once would each take twice as long. A caller waits on its own queue, so cancelling
and timing out free the caller at once; the worker hears of it with llama.cpp's next chunk, which
comes at least once a prompt batch (see ``docs/models.md``).
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import queue
import secrets
import threading
import time
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from nlq.cancel import CancelToken
from nlq.errors import Cancelled, ModelError, ModelFileError, ModelTimeout, ModelUnavailable

Chunk = dict[str, Any]

_BATCH_TOKENS = 32
_LOAD_LIMIT_S = 300.0
_EXIT_WAIT_S = 120.0
_SLOT_LIMIT_S = 10.0
_STATE_SUFFIX = ".prefix"
_OTHER_MESSAGES: dict[str, Any] = {
    "messages": [{"role": "user", "content": "."}], "max_tokens": 1, "stream": True,
}  # fmt: skip
_STATES_KEPT = 8
_MEMORY_MB = 1024
"""For what was read of prompts that others took the place of: about 15 of them."""


@dataclass(frozen=True, slots=True)
class LlamaOptions:
    """How the model is loaded.

    ``threads`` 0 is one a core; ``window`` is in tokens; ``states`` is a folder for prefixes that
    have been read, None keeps them in memory only.
    """

    threads: int = 0
    window: int = 8192
    states: Path | None = None


class _Started:
    """Put on a caller's queue when its request is begun."""


class _Ended:
    """Put on a caller's queue when its request is over."""


@dataclass(slots=True)
class _Job:
    """One request, and the queue that its caller reads; ``state`` names a prefix's file."""

    body: dict[str, Any]
    state: str = ""
    out: queue.Queue[Any] = field(default_factory=queue.Queue)
    abandoned: bool = False


class LlamaServer:
    """A GGUF model served by llama.cpp in a thread of this process; loads at ``start``."""

    def __init__(self, gguf: Path, options: LlamaOptions = LlamaOptions()) -> None:
        self._gguf = gguf
        self._options = options
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        self._loaded = threading.Event()
        self._failure: ModelError | None = None
        self._closing = False
        self.address = ""
        self.key = secrets.token_urlsafe(16)

    def start(self) -> None:
        """Begin loading in the background; a second call does nothing."""
        with self._lock:
            if self._worker is None and not self._closing:
                self._worker = threading.Thread(target=self._work, name="llama", daemon=True)
                self._worker.start()
                atexit.register(self.close)

    def wait_loaded(self, timeout_s: float = _LOAD_LIMIT_S) -> None:
        """Wait until the model is loaded; raises ``ModelFileError`` or ``ModelTimeout``."""
        self.start()
        if not self._loaded.wait(timeout_s):
            raise ModelTimeout(f"{self._gguf.name} did not load within {timeout_s:g} s.")
        if self._failure:
            raise self._failure

    @property
    def states(self) -> Path | None:
        """The folder of prefixes that have been read."""
        return self._options.states

    @property
    def loaded(self) -> bool:
        """Whether requests will be served without waiting for the model."""
        return self._loaded.is_set() and self._failure is None

    def chunks(
        self, body: dict[str, Any], *, cancel: CancelToken, timeout_s: float
    ) -> Generator[Chunk, None, None]:
        """Send ``body`` and yield llama.cpp's chunks as they come, the progress ones included.

        ``timeout_s`` counts from when the request's turn comes. Raises ``Cancelled``,
        ``ModelTimeout``, ``ModelFileError`` or ``ModelUnavailable``.
        """
        job = self._queue(body)
        deadline: float | None = None
        try:
            with cancel.calling(lambda: job.out.put(Cancelled())):
                while True:
                    left = None if deadline is None else max(0.0, deadline - time.monotonic())
                    item = job.out.get(timeout=left)
                    if isinstance(item, BaseException):
                        raise item
                    if isinstance(item, _Ended):
                        return
                    if isinstance(item, _Started):
                        deadline = time.monotonic() + timeout_s
                    else:
                        yield item
        except queue.Empty:
            raise ModelTimeout(
                f"The embedded model did not finish within {timeout_s:g} s.",
                hint="Ask for less, raise llm.timeout_s, or use a faster machine or server.",
            ) from None
        finally:
            job.abandoned = True

    def read_ahead(self, body: dict[str, Any]) -> None:
        """Have the messages of ``body`` read, which later ones begin with; waits for nothing.

        What was read is kept in the ``states`` folder, and taken from there by later processes.
        """
        self._queue(body, self._state_name(body) if self._options.states else "")

    def _state_name(self, body: dict[str, Any]) -> str:
        import xllamacpp

        stat = self._gguf.stat()
        read = (xllamacpp.__version__, self._gguf.name, stat.st_size, stat.st_mtime_ns)
        whole = json.dumps([*read, self._options.window, body["messages"]])
        return hashlib.sha256(whole.encode()).hexdigest()[:16] + _STATE_SUFFIX

    def _queue(self, body: dict[str, Any], state: str = "") -> _Job:
        self.start()
        job = _Job(body, state)
        with self._lock:
            if self._closing:
                raise self._shut_down()
            self._jobs.put(job)
        return job

    def close(self) -> None:
        """Stop what runs and end the worker, waiting for it.

        Called at exit too: a native thread that comes back into Python after the interpreter is
        gone would abort the process.
        """
        with self._lock:
            self._closing = True
            worker = self._worker
            self._jobs.put(None)
        if worker is None:
            return
        worker.join(_EXIT_WAIT_S)
        atexit.unregister(self.close)

    @staticmethod
    def _shut_down() -> ModelError:
        return ModelUnavailable("The embedded model was shut down.")

    def _work(self) -> None:
        try:
            server = self._load()
        except ModelError as exc:
            server, self._failure = None, exc
        self._loaded.set()
        while (job := self._jobs.get()) is not None:
            if self._closing:
                job.out.put(self._shut_down())
            elif server is None:
                job.out.put(self._failure)
            elif job.state and self._restore(server, job.state):
                job.out.put(_Ended())
            elif not job.abandoned:
                self._serve(server, job)
                if job.state:
                    self._save(job.state)

    def _restore(self, server: Any, name: str) -> bool:
        folder = self._options.states
        if folder is None or not (folder / name).is_file():
            return False
        # What the file takes the place of is put by in memory, as other messages do it.
        self._serve(server, _Job(_OTHER_MESSAGES))
        return self._slot("restore", name)

    def _save(self, name: str) -> None:
        if (folder := self._options.states) is None or not self._slot("save", name):
            return
        states = sorted(folder.glob(f"*{_STATE_SUFFIX}"), key=lambda path: path.stat().st_mtime)
        for old in states[:-_STATES_KEPT]:
            old.unlink(missing_ok=True)

    def _slot(self, action: str, name: str) -> bool:
        """Whether llama.cpp could ``save`` or ``restore`` what it has read; its port alone can."""
        request = urllib.request.Request(
            f"{self.address}/slots/0?action={action}",
            data=json.dumps({"filename": name}).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=_SLOT_LIMIT_S):
                return True
        except OSError:
            return False

    def _load(self) -> Any:
        import xllamacpp

        check_gguf(self._gguf)
        params = xllamacpp.CommonParams()
        params.model.path = str(self._gguf)
        params.n_ctx = self._options.window
        params.n_parallel = 1
        params.cache_ram_mib = _MEMORY_MB
        params.n_batch = params.n_ubatch = _BATCH_TOKENS
        params.verbosity = -1
        params.warmup = False
        if self._options.states:
            self._options.states.mkdir(parents=True, exist_ok=True)
            params.slot_save_path = f"{self._options.states}{os.sep}"
        # llama.cpp also listens on a free loopback port; without the key it answers nobody.
        params.api_keys = [self.key]
        if self._options.threads:
            params.cpuparams.n_threads = self._options.threads
            params.cpuparams_batch.n_threads = self._options.threads
        try:
            server = xllamacpp.Server(params)
        except Exception as exc:
            raise ModelFileError(
                f"llama.cpp cannot load {self._gguf}: {exc}.",
                hint="The file may be damaged, or of a kind that this llama.cpp does not know.",
            ) from exc
        self.address = server.listening_address
        return server

    def _serve(self, server: Any, job: _Job) -> None:
        def on_chunk(chunk: Chunk) -> bool:
            job.out.put(chunk)
            return job.abandoned or self._closing

        job.out.put(_Started())
        try:
            server.handle_chat_completions(job.body, on_chunk)
        except Exception as exc:
            error = ModelUnavailable(f"llama.cpp turned the request down: {exc}.")
            error.__cause__ = exc
            job.out.put(error)
        else:
            job.out.put(self._shut_down() if self._closing else _Ended())


def check_gguf(path: Path) -> None:
    """Raise ``ModelFileError`` when ``path`` is not a GGUF file."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as exc:
        raise ModelFileError(
            f"The model file {path} cannot be read: {exc.strerror or exc}.",
            hint="Correct llm.gguf (NLQ_LLM__GGUF), or unset it to use the packaged model.",
        ) from exc
    if magic != b"GGUF":
        raise ModelFileError(
            f"{path} is not a GGUF file: it begins with {magic!r}.",
            hint="llm.gguf takes a model in llama.cpp's GGUF format.",
        )


@lru_cache(maxsize=2)
def server_for(gguf: Path, options: LlamaOptions) -> LlamaServer:
    """The one server of this process for that file: two would each hold the model."""
    return LlamaServer(gguf, options)
