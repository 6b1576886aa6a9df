"""The run's log: a folder with ``run.json`` (what is measured) and ``log.jsonl`` (one case a line).

A run that was stopped goes on where it was: outcomes whose case has not changed are kept. A folder
that belongs to another suite or model is refused, so that figures are never mixed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from nlq_evals.outcome import Outcome
from nlq_evals.suite import Case, SuiteError


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What is measured. ``machine`` says only how many cores; ``day`` is ``YYYY-MM-DD``.

    ``system`` is ``"nlq"`` or a baseline's name. ``replayed`` says how many of the model's calls
    came from a recorder, and is empty where none did: the run's times are not measured then.
    """

    suite: str
    model: str
    machine: str
    day: str
    system: str = "nlq"
    replayed: str = ""


def _key(info: RunInfo) -> tuple[str, str, str]:
    return info.suite, info.model, info.system


class RunLog:
    """Outcomes of one run, kept as they come."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._info = folder / "run.json"
        self._lines = folder / "log.jsonl"

    def open(self, info: RunInfo) -> None:
        """Begin or go on; raises ``SuiteError`` when the folder has another suite's or model's."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._info.exists():
            before = self.info()
            if _key(before) != _key(info):
                raise SuiteError(
                    f"{self.folder} has the run of {before.system} on suite {before.suite} with "
                    f"{before.model}. Give another --out, or delete that folder."
                )
        self._info.write_text(json.dumps(asdict(info), indent=2) + "\n", "utf-8")

    def info(self) -> RunInfo:
        """What was measured; raises ``SuiteError`` where there is no run."""
        try:
            return RunInfo(**json.loads(self._info.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as exc:
            raise SuiteError(f"{self._info} is not the record of a run.") from exc

    def add(self, outcome: Outcome) -> None:
        """Append one outcome, on the disk before this returns."""
        with self._lines.open("a+b") as file:
            if file.tell() and not self._lines.read_bytes().endswith(b"\n"):
                file.write(b"\n")  # a kill cut the last line off
            line = json.dumps(outcome.to_json(), ensure_ascii=False)
            file.write(line.encode() + b"\n")

    def outcomes(self) -> tuple[Outcome, ...]:
        """Everything logged, the last of each case; a half-written last line is left out."""
        latest: dict[str, Outcome] = {}
        if self._lines.exists():
            for line in self._lines.read_text("utf-8").splitlines():
                try:
                    outcome = Outcome.from_json(json.loads(line))
                except (ValueError, KeyError, TypeError):
                    continue  # cut off by a kill; the case runs again
                latest[outcome.id] = outcome
        return tuple(latest.values())

    def done(self, cases: Iterable[Case]) -> dict[str, Outcome]:
        """Outcomes of those cases that need not run again, by id."""
        logged = {outcome.id: outcome for outcome in self.outcomes()}
        return {
            case.id: logged[case.id]
            for case in cases
            if case.id in logged and logged[case.id].fingerprint == case.fingerprint
        }
