"""Starts lakelet and MinIO and prints what they answer otherwise."""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from lakelet.config import Settings
from lakelet.lake import Lake
from lakelet.server.serving import serving
from tests.minio import server as minio
from tests.services.s3.fuzz.running import Difference, differences, made, shortest
from tests.services.s3.fuzz.sending import Ask, Server


def main() -> int:
    """How many kinds of differences there are."""
    parser = argparse.ArgumentParser(prog="python -m tests.services.s3.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the first sequence")
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--length", type=int, default=40, help="requests of a sequence")
    said = parser.parse_args()
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, minio.running(Path(folder)) as far:
        theirs = Server(far.endpoint, far.access_key, far.secret_key)
        with Lake(Settings(port=0)) as lake, serving(lake, "fuzz") as address:
            ours = Server(address, "id", "key")
            for seed in range(said.seed, said.seed + said.sequences):
                for found in differences(ours, theirs, made(seed, said.length)):
                    kind = _kind(found)
                    seen[kind] += 1
                    if seen[kind] == 1:
                        _show(seed, shortest(ours, theirs, found))
    _say(f"{said.sequences} sequences, {sum(seen.values())} differences, {len(seen)} kinds")
    return min(len(seen), 100)


def _kind(found: Difference) -> str:
    ours, theirs = found.ours, found.theirs
    query = sorted(name for name, _ in found.ask.query)
    differs = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    if "headers" in differs:
        names = ours["headers"].keys() | theirs["headers"].keys()
        differs |= {n for n in names if ours["headers"].get(n) != theirs["headers"].get(n)}
    codes = [str(each.get("body"))[:40] if each["status"] > 300 else "" for each in (ours, theirs)]
    shape = bool(found.ask.key), ours["status"], theirs["status"]
    return f"{found.ask.method} {query[:1]} {shape} {sorted(differs)} {codes}"


def _show(seed: int, found: Difference) -> None:
    _say(f"\n--- seed {seed}")
    for ask in found.before:
        _say(f"   {_line(ask)}")
    _say(f" > {_line(found.ask)}")
    for name in sorted(found.ours.keys() | found.theirs.keys()):
        one, two = found.ours.get(name), found.theirs.get(name)
        if one != two:
            if isinstance(one, dict) and isinstance(two, dict):
                one, two = (
                    {key: value for key, value in each.items() if value != other.get(key)}
                    for each, other in ((one, two), (two, one))
                )
            _say(f"   {name}: ours   {str(one)[:600]}\n   {name}: theirs {str(two)[:600]}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _line(ask: Ask) -> str:
    body = ask.body if len(ask.body) < 300 else b"%d bytes" % len(ask.body)
    more = [ask.framing, ask.trailer, ask.signing, "virtual" if ask.virtual else "", ask.pages]
    said = " ".join(str(each) for each in more if each and each not in ("plain", "header"))
    return f"{ask.method} {ask.key!r} {ask.query} {ask.headers} {body!r} {said}"


sys.exit(main())
