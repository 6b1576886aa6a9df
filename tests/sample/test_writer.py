"""The writer takes only what the docs say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlq.sample.writer import LakeWriter, arrow_type, coded, masked
from nlq.types import ColumnDoc, TableDoc


@pytest.fixture
def out(tmp_path: Path) -> LakeWriter:
    columns = (
        ColumnDoc("n", "integer"),
        ColumnDoc("at", "timestamp(3)"),
        ColumnDoc("ds", "varchar"),
    )
    return LakeWriter(tmp_path, {"lake.s.t": TableDoc("lake.s.t", columns, partitioned_by=("ds",))})


AT = np.array(["2026-07-14T09:30"], "datetime64[s]")


def test_types_are_cast_to_those_of_the_docs(out: LakeWriter) -> None:
    out.write("s.t", {"n": np.array([3]), "at": AT}, 2, "2026-07-14")
    file = out.folder / "s/t/ds=2026-07-14/part-00002.parquet"
    assert pq.ParquetFile(file).schema_arrow.types == [pa.int32(), pa.timestamp("ms")]
    done = out.written["s.t"]
    assert (done.rows, done.files, done.size_bytes) == (1, 1, file.stat().st_size)


def test_values_that_do_not_fit_are_refused(out: LakeWriter) -> None:
    with pytest.raises(pa.ArrowInvalid):
        out.write("s.t", {"n": np.array([2**40]), "at": AT}, 0, "2026-07-14")


@pytest.mark.parametrize("names", [["n"], ["at", "n"], ["n", "at", "extra"]])
def test_other_columns_than_the_docs_are_refused(names: list[str], out: LakeWriter) -> None:
    with pytest.raises(ValueError, match="not those of its docs"):
        out.write("s.t", dict.fromkeys(names, AT), 0, "2026-07-14")


def test_no_file_is_written_twice(out: LakeWriter) -> None:
    out.write("s.t", {"n": np.array([3]), "at": AT}, 0, "2026-07-14")
    with pytest.raises(ValueError, match="written twice"):
        out.write("s.t", {"n": np.array([3]), "at": AT}, 0, "2026-07-14")


def test_split_writes_a_file_for_each_piece_that_has_rows(out: LakeWriter) -> None:
    columns = {"n": np.array([1, 2, 3]), "at": AT.repeat(3)}
    out.write_split("s.t", columns, 0, [("a", 0, 2), ("b", 2, 2), ("c", 2, 3)])
    files = out.folder.rglob("*.parquet")
    found = {file.parent.name: pq.ParquetFile(file).read()["n"].to_pylist() for file in files}
    assert found == {"ds=a": [1, 2], "ds=c": [3]}


def test_codes_and_nulls() -> None:
    assert coded(["D", "U"], np.array([1, 0, 1])).to_pylist() == ["U", "D", "U"]
    nulls = np.array([True, False])
    assert coded(["D", "U"], np.array([-1, 0]), nulls).to_pylist() == [None, "D"]
    assert masked(np.array([1, 2]), nulls).to_pylist() == [None, 2]


@pytest.mark.parametrize("name", ["bigint", "decimal(12,2)", "timestamp(3)", "date"])
def test_types_are_known(name: str) -> None:
    assert isinstance(arrow_type(name), pa.DataType)


def test_unknown_type_is_refused() -> None:
    with pytest.raises(KeyError):
        arrow_type("hyperloglog")
