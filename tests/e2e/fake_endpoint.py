"""The fake LLM as a program beside a test."""
import csv
import io
import subprocess
import time

from harness import BINARY_DIR, EndToEnd, rows_of


class WithFakeLlm(EndToEnd):
    def start(self, *args: str) -> str:
        """Starts it and returns its base URL. `self.log` is the file of all bytes that it receives."""
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        self.log = self.folder / "requests.log"
        server = subprocess.Popen([str(BINARY_DIR / "fake_llm"), "--port-file", str(port_file), "--log", str(self.log), *args],
                                  stdout=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        deadline = time.monotonic() + 20
        while not (port_file.exists() and port_file.read_text().strip()):
            self.assertLess(time.monotonic(), deadline, "the server did not start")
            time.sleep(0.01)
        return f"http://127.0.0.1:{port_file.read_text().strip()}/v1"

    def classify_by_llm(self, lines: list[str]) -> list[dict]:
        """Each line goes to the LLM, which says Error."""
        self.write("logsieve.yaml", "routes:\n  LegacyCRM: [llm]\n")
        data = io.StringIO()
        writer = csv.writer(data, lineterminator="\n")
        writer.writerow(["source", "log_message"])
        writer.writerows(["LegacyCRM", line] for line in lines)
        done = self.run_program("classify", self.write("d.csv", data.getvalue()), "--llm-base-url", self.start("--answer", "Error"),
                                LOGSIEVE_LLM_API_KEY="sk-canary-1", LOGSIEVE_STATE=str(self.folder / "state"))
        self.assertEqual(done.returncode, 0, done.stderr)
        return rows_of(done.stdout)
