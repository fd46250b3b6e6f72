"""A soak: many queries from many clients, with cancels, failures, time-outs and a restart by kill.

`python -m benchmarks.soak [QUERIES]` runs 20,000 unless told and prints what became of them; it
fails on a query that is stuck, a state that is wrong, or memory that grows by more than a tenth.
"""

import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CLIENTS = 32
_SERVER = """\
import sys
from pathlib import Path
from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.serving import serve
with Lake(Settings(data=Path(sys.argv[1]), port=int(sys.argv[2]))) as lake:
    serve(lake, "0", lambda address: print(address, flush=True))
"""
_SLOW = (
    "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y),"
    " UNNEST(sequence(1, 1000)) c (z) WHERE x * y % 7 = z"
)
_KINDS = (
    ("SUCCEEDED", 70, "SELECT {n} + 1 AS x"),
    ("SUCCEEDED", 10, "SELECT sum(x) FROM UNNEST(sequence(1, 5000)) t (x) WHERE x <> {n}"),
    ("SUCCEEDED", 2, "SHOW TABLES IN default"),
    ("FAILED", 8, "SELECT {n} / 0 AS x"),
    ("FAILED", 5, "SELECT no_such_column_{n}"),
    ("CANCELLED", 5, _SLOW),
)
"""The state that a query should end in, how many of a hundred it is, and its text."""


class Soak:
    """A server, and clients that ask it until enough queries have been run."""

    def __init__(self, folder: Path, queries: int) -> None:
        self.folder = folder
        self.queries = queries
        self.outcomes: Counter[str] = Counter()
        self.faults: list[str] = []
        self.memory: list[float] = []
        self._lock = threading.Lock()
        self._next = 0
        self._restarts = 0
        self._down = threading.Event()
        self.address = ""
        self.process = self._started(0)

    def _started(self, port: int) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", _SERVER, str(self.folder), str(port)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        self.address = process.stdout.readline().strip()
        return process

    def run(self) -> None:
        """Raises nothing: `faults` tell what went wrong."""
        client(self.address, "s3").create_bucket(Bucket="soak")
        threads = [threading.Thread(target=self._ask, args=(seed,)) for seed in range(CLIENTS)]
        for thread in threads:
            thread.start()
        kill_at = self.queries // 2
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.5)
            with suppress(OSError, IndexError):
                self.memory.append(resident(self.process.pid))
            if self._next >= kill_at and not self._restarts:
                self._restart()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def _restart(self) -> None:
        """Kills the server in the middle of its work, and starts another on the same lake."""
        port = int(self.address.rpartition(":")[2])
        self._restarts += 1
        self._down.set()
        self.process.kill()
        self.process.wait()
        self.memory.clear()
        self.process = self._started(port)
        self._down.clear()

    def _ask(self, seed: int) -> None:
        chance = random.Random(seed)
        athena = client(self.address, "athena")
        while True:
            with self._lock:
                number, self._next = self._next, self._next + 1
            if number >= self.queries:
                return
            kinds = [kind for kind in _KINDS for _ in range(kind[1])]
            wanted, _, text = chance.choice(kinds)
            before = self._restarts
            down = self._down.is_set()
            try:
                found = self._query(athena, text.replace("{n}", str(number)), wanted)
            except (BotoCoreError, ClientError, KeyError) as error:
                # Only a server that is being restarted may be unreachable, or break off.
                time.sleep(1)
                excused = down or before != self._restarts
                self._took("restarted" if excused else "refused")
                if not excused:
                    self.faults.append(f"{text[:40]} was refused: {error}")
                continue
            restarted = found != wanted and before != self._restarts
            self._took("restarted" if restarted else found)
            if found != wanted and not restarted:
                with self._lock:
                    self.faults.append(f"{text[:40]} ended as {found}, not {wanted}")

    def _took(self, outcome: str) -> None:
        with self._lock:
            self.outcomes[outcome] += 1

    def _query(self, athena: Any, text: str, wanted: str) -> str:
        output = {"OutputLocation": "s3://soak/out/"}
        started = athena.start_query_execution(QueryString=text, ResultConfiguration=output)
        identifier = started["QueryExecutionId"]
        if wanted == "CANCELLED":
            time.sleep(0.05)
            athena.stop_query_execution(QueryExecutionId=identifier)
        ends = time.monotonic() + 120
        while time.monotonic() < ends:
            found = athena.get_query_execution(QueryExecutionId=identifier)["QueryExecution"]
            state: str = found["Status"]["State"]
            if state not in ("QUEUED", "RUNNING"):
                if state == "SUCCEEDED" and wanted == state:
                    athena.get_query_results(QueryExecutionId=identifier)
                return state
            time.sleep(0.01)
        return "STUCK"


def client(address: str, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="soak",
        aws_secret_access_key="soak",
        config=Config(retries={"total_max_attempts": 3}, parameter_validation=False),
    )


def resident(process: int) -> float:
    """Megabytes of memory that a process holds."""
    fields = Path(f"/proc/{process}/statm").read_text().split()
    return int(fields[1]) * 4096 / 1e6


def growth(memory: list[float]) -> float:
    """How much more the last quarter of the measures holds than the second one."""
    quarter = len(memory) // 4
    if not quarter:
        return 0.0
    early = sorted(memory[quarter : 2 * quarter])[quarter // 2]
    late = sorted(memory[-quarter:])[quarter // 2]
    return late / early - 1


def main(queries: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(Path(folder), queries)
        started = time.monotonic()
        soak.run()
        seconds = time.monotonic() - started
    print(f"{queries} queries in {seconds:.0f} s: {dict(soak.outcomes)}")
    print(f"memory after the restart: {soak.memory[:1]} … {soak.memory[-1:]} MB")
    grown = growth(soak.memory)
    print(f"growth from the second quarter to the last: {grown:+.1%}")
    for fault in soak.faults[:20]:
        print("wrong:", fault)
    return 1 if soak.faults or soak.outcomes["STUCK"] or grown > 0.1 else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
