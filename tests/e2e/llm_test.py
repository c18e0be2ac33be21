#!/usr/bin/env python3
"""classify with an LLM over a real socket: one call a distinct form, only forms leave, no endpoint stops the rest."""
import json
import subprocess
import time
import urllib.request

from harness import BINARY_DIR, EndToEnd, main, rows_of

ROUTE = "routes:\n  LegacyCRM: [llm]\n"
DATA = "source,log_message\n" + "".join(
    f"LegacyCRM,ticket T-{8000 + i} of user jane{i}x9 at 10.1.2.{i} was not handed over\n" for i in range(30)) + \
    'Other,"10.0.0.1 - - [12/Mar/2025:10:00:00 +0000] ""GET / HTTP/1.1"" 200 12"\n'


class WithAnEndpoint(EndToEnd):
    def start(self, *args: str) -> str:
        port_file = self.folder / "port"
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

    def run_with(self, url: str, **env: str):
        self.write("logsieve.yaml", ROUTE + "llm: {connect_timeout_ms: 300, total_timeout_ms: 600, max_retries: 0}\n")
        done = self.run_program("classify", self.write("d.csv", DATA), "--llm-base-url", url, LOGSIEVE_LLM_API_KEY="sk-canary-1", **env)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(b"sk-canary", done.stdout + done.stderr)
        return rows_of(done.stdout), done

    def test_one_call_a_form_and_only_the_form_leaves(self):
        url = self.start("--answer", "Workflow Error")
        rows, _ = self.run_with(url)
        forms = {row["template"] for row in rows if row["source"] == "LegacyCRM"}
        self.assertEqual({(row["target_label"], row["tier"]) for row in rows if row["source"] == "LegacyCRM"}, {("Workflow Error", "llm")})
        self.assertEqual(rows[-1]["tier"], "rule")
        requests = json.load(urllib.request.urlopen(url.removesuffix("/v1") + "/stats"))["requests"]
        self.assertEqual(requests, len(forms))
        sent = self.log.read_bytes()
        self.assertTrue(sent)
        for secret in (b"10.1.2.", b"T-8000"):
            self.assertNotIn(secret, sent)

    def test_an_answer_outside_the_labels_counts_for_nothing(self):
        rows, _ = self.run_with(self.start("--answer", "Nonsense"))
        self.assertEqual({row["target_label"] for row in rows if row["source"] == "LegacyCRM"}, {"Unclassified"})

    def test_a_dead_and_a_hanging_endpoint_cost_only_their_own_lines(self):
        for url in ("http://127.0.0.1:9/v1", self.start("--hang")):
            rows, _ = self.run_with(url)
            self.assertEqual(len(rows), 31)
            self.assertEqual((rows[-1]["target_label"], rows[-1]["tier"]), ("HTTP Status", "rule"))
            self.assertLessEqual({row["tier"] for row in rows[:-1]}, {"prototype", "none"})

    def test_plain_http_to_another_machine_is_refused(self):
        done = self.run_program("classify", self.write("d.csv", DATA), "--llm-base-url", "http://192.0.2.1/v1", LOGSIEVE_LLM_API_KEY="k")
        self.assertEqual(done.returncode, 78)
        self.assertIn(b"https", done.stderr)


if __name__ == "__main__":
    main()
