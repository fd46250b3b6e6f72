import signal
import subprocess
import sys
from urllib.request import urlopen

import pytest

SERVER = """
from lakelet.server.serving import serve
from tests.server.lakes import settings_only
serve(settings_only(), "1", lambda address: print(address, flush=True))
print("closed", flush=True)
"""


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_what_stands_around_it(ending: signal.Signals) -> None:
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        _until_it_answers(address)
        server.send_signal(ending)
        assert server.stdout.read() == "closed\n"
        assert server.wait(20) == 0


def _until_it_answers(address: str) -> None:
    """The listener stands from the start: the answer comes once the server does."""
    with urlopen(address, timeout=20) as answer:
        assert answer.status == 200
