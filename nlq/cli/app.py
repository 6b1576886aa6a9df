"""The ``nlq`` command's entry point: every command hangs here, every error ends here.

Nothing heavy is imported before a command runs, so that ``nlq --help`` is there at once. An error
becomes one line and a hint on standard error; ``NLQ_DEBUG=1`` shows the traceback too.
"""

from __future__ import annotations

import os
import sys
import traceback

import typer

from nlq.cli import asking, data, engine, evals, operate, slack
from nlq.errors import Cancelled, NlqError

app = typer.Typer(
    help="Plain questions into safe Presto SQL, and answers that can be trusted.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # rich takes half as long again to import as all the rest
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
asking.register(app)
data.register(app)
operate.register(app)
engine.register(app)
evals.register(app)
slack.register(app)


def main() -> None:
    """Run the command and leave with its exit status."""
    try:
        app()
    except Cancelled as error:
        # The working thread may still be inside a model or an engine that is letting go; waiting
        # for it would keep the person waiting, and the audit record is written by now.
        print(error.message, file=sys.stderr)  # noqa: T201 (rich may not be loaded yet)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(error.exit_code)
    except NlqError as error:
        _complain(error.message, error.hint)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader (``head``) has gone; a second write at shutdown must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        _complain(
            f"Something inside nlq went wrong: {type(error).__name__}: {error}",
            "Set NLQ_DEBUG=1 to see where, and please report it.",
        )
        sys.exit(1)


def _complain(message: str, hint: str) -> None:
    if os.environ.get("NLQ_DEBUG") == "1":
        traceback.print_exc()
    print(f"nlq: {message}", file=sys.stderr)  # noqa: T201
    if hint:
        print(f"     {hint}", file=sys.stderr)  # noqa: T201
