"""What the end-to-end tests share: the program, a model, temporary folders, runs with their outcome."""
import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("LOGSIEVE_PROGRAM", str(ROOT / "build/release/logsieve"))
BINARY_DIR = Path(os.environ.get("LOGSIEVE_BINARY_DIR", str(ROOT / "build/release")))
MODEL = str(ROOT / "models/default")
ENCODER_DIR = os.environ.get("LOGSIEVE_ENCODER_DIR", str(ROOT / "models/encoder"))
SHARED = Path(os.environ.get("LOGSIEVE_SHARED_DIR", str(ROOT.parent / "shared")))

# For what must happen at some time, however busy the machine.
DEADLINE_S = float(os.environ.get("LOGSIEVE_DEADLINE_S", "60"))

csv.field_size_limit(1 << 30)


def environment(**extra: str) -> dict:
    """The caller's environment without anything that would change what the program does."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LOGSIEVE_") and k != "GROQ_API_KEY"}
    return kept | {"LOGSIEVE_MODEL": MODEL, "LOGSIEVE_ENCODER_DIR": ENCODER_DIR} | extra


class EndToEnd(unittest.TestCase):
    """A test with an empty folder of its own."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.addCleanup(self._folder.cleanup)
        self._state = tempfile.TemporaryDirectory()
        self.state = Path(self._state.name)
        self.addCleanup(self._state.cleanup)

    def write(self, name: str, content) -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def run_program(self, *args: str, stdin: bytes = b"", timeout: float = 300, **env: str) -> subprocess.CompletedProcess:
        return subprocess.run([PROGRAM, *args], input=stdin, capture_output=True, cwd=self.folder, timeout=timeout,
                              env=self.environment(**env), check=False)

    def environment(self, **extra: str) -> dict:
        return environment(**{"LOGSIEVE_STATE": str(self.state)} | extra)

    def classify(self, *args: str, stdin: bytes = b"", code: int = 0, **env: str) -> subprocess.CompletedProcess:
        """`classify` without an LLM; asserts the exit code."""
        done = self.run_program("classify", "--llm", "off", *args, stdin=stdin, **env)
        self.assertEqual(done.returncode, code, done.stderr.decode("utf-8", "replace"))
        return done

    def wait_for(self, condition, what: str, found=lambda: ""):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            if time.monotonic() > end:
                self.fail(f"not in time: {what} {found()}")
            time.sleep(0.01)

    def wait_until_up(self, process: subprocess.Popen):
        """It has handlers for signals."""
        def catches() -> bool:
            rows = Path(f"/proc/{process.pid}/status").read_text().splitlines()
            caught = int(next(row for row in rows if row.startswith("SigCgt")).split()[1], 16)
            return process.poll() is not None or caught >> (signal.SIGTERM - 1) & 1 == 1
        self.wait_for(catches, "its handlers of signals")


def ids_of(output: bytes) -> list[int]:
    """Of JSON lines whose messages end in id=N."""
    return [int(o["message"].rsplit("id=", 1)[1]) for o in objects_of(output)]


def rows_of(output: bytes) -> list[dict]:
    return list(csv.DictReader(io.StringIO(output.decode("utf-8", "surrogateescape"), newline="")))


def objects_of(output: bytes) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


def main():
    unittest.main(module=sys.modules["__main__"], verbosity=2)
