#!/usr/bin/env python3
"""What leaves the machine: planted secrets in values and in words, and the ledger of everything that was sent."""
import json
import subprocess
import time
from collections import Counter

from fake_endpoint import WithFakeLlm
from harness import BINARY_DIR, PROGRAM, main

PIECE = 8  # bytes of a secret that must not be seen


class Egress(WithFakeLlm):
    def egress(self) -> list[dict]:
        done = self.run_program("llm", "egress", LOGSIEVE_STATE=str(self.folder / "state"))
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_2000_secrets_stay_here(self):
        made = subprocess.run([str(BINARY_DIR / "secret_lines"), "dev", "2000", "7"], capture_output=True, check=True).stdout
        secrets = [json.loads(line) for line in made.splitlines()]
        self.assertGreaterEqual(len({secret["family"] for secret in secrets}), 40)
        start = time.monotonic()
        rows = self.classify_by_llm([secret["line"] for secret in secrets])
        self.assertLess(time.monotonic() - start, 600 if "san" in PROGRAM else 120)
        self.assertEqual(len(rows), 2000)
        self.assertLessEqual({row["target_label"] for row in rows}, {"Error", "Unclassified"})
        sent = self.log.read_text("utf-8", "replace")
        self.assertGreater(sent.count("POST "), 10)
        self.assertLess(sent.count("POST "), 150, "batches, a few second ones, and what is asked alone")
        known = "\n".join(secret["carrier"] for secret in secrets)
        leaks = Counter()
        for secret in secrets:
            for payload in secret["payloads"]:
                pieces = {payload[i:i + PIECE] for i in range(max(1, len(payload) - PIECE + 1))}
                if any(piece in sent and piece not in known for piece in pieces):
                    leaks[secret["family"]] += 1
        self.assertLessEqual(sum(leaks.values()), 20, leaks)  # 99 %

    def test_canaries_are_in_nothing_that_a_server_receives(self):
        lines = [f"job {i} password=canaryWillow{'abcdefghij'[i]} token QkzXwvPqCanary owner=canaryrose 10.9.8.{i} ref 9041726351{i}" for i in range(10)]
        self.classify_by_llm(lines)
        sent = self.log.read_bytes()
        self.assertTrue(sent)
        for canary in (b"anaryWillow", b"QkzXwvPq", b"canaryrose", b"10.9.8.", b"9041726351"):
            self.assertNotIn(canary, sent.replace(b"sk-canary-1", b""))

    def test_every_byte_of_a_request_is_listed(self):
        self.classify_by_llm([f"ticket of kind {word} was left open" for word in ("abel", "borin", "cedra")])
        listed = [entry["request"] for entry in self.egress()]
        self.assertTrue(listed)
        received = self.log.read_bytes().decode()
        for body in listed:
            self.assertIn(body, received)
        self.assertEqual(len(listed), received.count("POST "))
        for entry in self.egress():
            self.assertEqual(entry["bytes"], len(entry["request"].encode()))


if __name__ == "__main__":
    main()
