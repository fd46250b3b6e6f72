"""From the start of `lakelet up` to its first answered call, and what it holds when idle."""

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from time import perf_counter

from benchmarks import sizes
from benchmarks.report import Measurement, median_seconds

PATCHED = """\
import time
from lakelet.patching import patch
started = time.perf_counter()
with patch():
    print(time.perf_counter() - started)
"""


def measure() -> list[Measurement]:
    """Medians of five starts of the server and of the in-process lake."""
    starts, idle = zip(*(_start() for _ in range(sizes.runs(5))), strict=True)
    python = median_seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True))
    patched = [
        float(subprocess.check_output([sys.executable, "-c", PATCHED], text=True))
        for _ in range(sizes.runs(5))
    ]
    up, memory, ready = (statistics.median(values) for values in (starts, idle, patched))
    return [
        Measurement(
            "up: to the first answer", up, "s", python, "python -c pass", "≤ 0.45 s", up <= 0.45
        ),
        Measurement("idle memory", memory, "MB", goal="≤ 90 MB", met=memory <= 90),
        Measurement("patch() ready", ready * 1000, "ms", goal="≤ 60 ms", met=ready <= 0.06),
    ]


def _start() -> tuple[float, float]:
    """One start: seconds to the first answered call, resident megabytes a second later."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        started = perf_counter()
        command = [sys.executable, "-m", "lakelet.cli", "up", "--port", str(port), "--data", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).read()
                    break
                except OSError:
                    time.sleep(0.005)
            seconds = perf_counter() - started
            time.sleep(1)
            pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(10)
    return seconds, pages * os.sysconf("SC_PAGE_SIZE") / 1e6
