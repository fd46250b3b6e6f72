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
        try:
            said, _ = server.communicate(timeout=20)
        finally:
            server.kill()
        assert said == "closed\n"
        assert server.returncode == 0


ASIDE = """
import signal
import threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="threads block no signals there")
def test_a_signal_that_comes_to_another_thread_ends_the_server() -> None:
    command = [sys.executable, "-c", ASIDE + SERVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        _until_it_answers(server.stdout.readline().strip())
        server.send_signal(signal.SIGTERM)
        try:
            assert server.wait(20) == 0
        finally:
            server.kill()


def _until_it_answers(address: str) -> None:
    """The listener stands from the start: the answer comes once the server does."""
    with urlopen(address, timeout=20) as answer:
        assert answer.status == 200
