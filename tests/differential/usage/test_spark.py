"""Spark in local mode against the engine of this machine: the same profile, byte for byte."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iamlint.usage.cloudtrail import read_folder
from iamlint.usage.files import Problem, Window
from iamlint.usage.profile import dumps
from iamlint.usage.spark import read_spark

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    pytest.importorskip("pandas", reason="pandas is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        builder = sql.SparkSession.builder.master("local[2]")
        for name, value in {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.files.maxPartitionBytes": "64k",
        }.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
        yield session
        session.stop()


def test_the_story(spark: Any, root: Path) -> None:
    folder = root / "fixtures" / "cloudtrail" / "patch-manager"
    assert dumps(read_spark(spark, str(folder))) == dumps(read_folder(folder))
    window = Window(since="2026-10-25", regions=("eu-west-1",))
    assert dumps(read_spark(spark, str(folder), window=window)) == dumps(
        read_folder(folder, window=window)
    )


def test_published_events_in_many_files_with_bad_ones(
    spark: Any, published_events: Path, tmp_path: Path
) -> None:
    lines = [
        line
        for path in sorted(published_events.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    for number in range(0, len(lines), 200):
        text = '{"Records":[' + ",".join(lines[number : number + 200]) + "]}"
        (tmp_path / f"{number}.json.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(b"{}" * 100)[:20])
    (tmp_path / "one.json").write_text(json.dumps({"Records": [{}]}))
    here: list[Problem] = []
    there: list[Problem] = []
    ours = read_folder(tmp_path, problems=here)
    theirs = read_spark(spark, str(tmp_path), problems=there)
    assert dumps(theirs) == dumps(ours)
    assert [problem.reason for problem in there] == [problem.reason for problem in here]
