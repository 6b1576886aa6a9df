"""Every row of an answer: it and a kind of file go in, a response with the file comes out.

It counts among the person's questions on their way, and leaving before it is there cancels it.
"""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from nlq.cancel import CancelToken
from nlq.errors import Cancelled, TooCostly
from nlq.export import Kind
from nlq.types import Answer, Principal
from nlq_ui.api.parts import Parts
from nlq_ui.api.problems import Problem
from nlq_ui.whole import whole_result, write_whole

MEDIA: Final[dict[Kind, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}

_STILL_THERE_S: Final = 0.5
_NOBODY_THERE: Final = 499


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be written. ``rows`` is how many the result had when it was computed."""

    answer: Answer
    rows: int
    kind: Kind
    confirmed: bool


async def exported(
    export: Export, parts: Parts, principal: Principal, request: Request
) -> Response:
    """The file; raises ``Problem`` 422 where it costs more than was agreed to, 429 or 503."""
    id = uuid.uuid4().hex
    token = parts.in_flight.begin(principal, id)
    folder = tempfile.TemporaryDirectory(prefix="nlq-")
    try:
        work = asyncio.create_task(
            run_in_threadpool(_write, export, parts, principal, folder.name, token)
        )
        while not (await asyncio.wait({work}, timeout=_STILL_THERE_S))[0]:
            if await request.is_disconnected():
                token.cancel()
        path, rows, truncated = await work
    except BaseException as error:
        token.cancel()
        folder.cleanup()
        if isinstance(error, Cancelled):
            return Response(status_code=_NOBODY_THERE)
        raise
    finally:
        parts.in_flight.end(principal, id, token)
    return FileResponse(
        path,
        media_type=MEDIA[export.kind],
        filename=path.name,
        headers={
            "Cache-Control": "no-store",
            "Row-Count": str(rows),
            "Truncated": str(truncated).lower(),
        },
        background=BackgroundTask(folder.cleanup),
    )


def _write(
    export: Export, parts: Parts, principal: Principal, folder: str, token: CancelToken
) -> tuple[Path, int, bool]:
    """Blocks; returns where the file is, how many rows it has, and whether a limit cut them off."""
    try:
        result = whole_result(
            export.answer,
            export.rows,
            parts.assistant(),
            principal,
            cancel=token,
            confirmed=export.confirmed,
        )
    except TooCostly as error:
        hint = "To run it all the same, send confirmed=true." if error.may_confirm else error.hint
        raise Problem(422, error.message, hint) from error
    token.check()
    path = write_whole(result, folder, export.answer.id, export.kind)
    return path, len(result.rows), result.truncated
