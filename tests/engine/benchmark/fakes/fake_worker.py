"""A stand-in for the live process: speaks the worker's protocol, fails as it is told."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "parity" / "fakes"))
# The fakes are scripts on a path of their own, not a package that mypy could follow.
from fake_nanobragg import (  # type: ignore[import-not-found]
    as_bytes,
    disturbed,
    pattern,
    value,
)


def run(words: list[str], fault: str) -> int:
    parser = argparse.ArgumentParser()
    for name in ("--reply", "--device", "--dtype", "--threads"):
        parser.add_argument(name)
    split = words.index("--")
    options, args = parser.parse_args(words[:split]), words[split + 1 :]
    size = int(value(args, "-detpixels", "64"))
    with os.fdopen(int(options.reply), "w", buffering=1) as pipe:

        def answer(**message: object) -> None:
            pipe.write(json.dumps({"ok": True, **message}) + "\n")

        if fault == "refuses":
            answer(ok=False, error="UnsupportedError: -mat is not supported yet")
            return 1
        answer(torch="0.0-fake", import_s=0.0, torch_threads=int(options.threads))
        for line in sys.stdin:
            request = json.loads(line)
            if fault == "dies":
                sys.stderr.write("Fatal: out of memory\n")
                return 137
            if fault == "hangs":
                time.sleep(600)
            if request["do"] == "simulate":
                answer(seconds=0.25)
            elif request["do"] == "write":
                image = disturbed(pattern(size, size), fault)
                Path(request["path"]).write_bytes(as_bytes(image))
                answer(seconds=0.01, peak_rss_bytes=123_000_000)
            else:
                Path(request["path"]).write_text('{"traceEvents": []}')
                answer(bytes=19)
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[2:], sys.argv[1]))
