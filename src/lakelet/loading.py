"""Rooms that are loaded when they are first used, by one thread at a time.

CPython ends in a `_DeadlockError` where one thread loads a package while another loads a module of
it: either holds the lock of what it loads and waits for the other's.
"""

import threading

loading = threading.RLock()
"""Held around imports inside of functions, and around nothing else."""
