"""Optimistic locking between processes, of which some are killed."""

import subprocess
import sys
import time
from pathlib import Path

from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.schema import SCHEMA
from lakelet.database import Database

ADDING = """
import sys
from pathlib import Path
from lakelet.catalog.catalog import GlueCatalog
from lakelet.catalog.schema import SCHEMA
from lakelet.database import Database
from lakelet.errors import Conflict

catalog = GlueCatalog(Database(Path(sys.argv[1]), [SCHEMA]), "000000000000")
left = int(sys.argv[2])
while left:
    table = catalog.tables.get("default", "t")
    raised = str(int(table["Parameters"]["n"]) + 1)
    given = {"Name": "t", "Parameters": {"n": raised}}
    try:
        catalog.tables.update("default", given, version=table["VersionId"], archive=False)
    except Conflict:
        continue
    left -= 1
    print(raised, flush=True)
"""


def test_no_update_is_lost_when_writers_are_killed(tmp_path: Path) -> None:
    path = tmp_path / "lake.db"
    database = Database(path, [SCHEMA])
    catalog = GlueCatalog(database, "000000000000")
    catalog.tables.create("default", {"Name": "t", "Parameters": {"n": "0"}})
    command = [sys.executable, "-c", ADDING, str(path)]
    killed = [
        subprocess.Popen([*command, "1000000"], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    whole = [subprocess.Popen([*command, "100"], stdout=subprocess.PIPE, text=True)]
    deadline = time.monotonic() + 60
    while int(catalog.tables.get("default", "t")["VersionId"]) < 50 and time.monotonic() < deadline:
        time.sleep(0.01)
    for process in killed:
        process.kill()
    said = [int(n) for each in (*killed, *whole) for n in each.communicate(timeout=60)[0].split()]
    table = catalog.tables.get("default", "t")
    count = int(table["Parameters"]["n"])
    assert table["VersionId"] == str(count)
    assert len(said) == len(set(said))
    # A writer that was killed may have been stopped between its commit and its word.
    assert count - 2 <= len(said) <= count
    assert [each.returncode for each in whole] == [0]
    database.close()
