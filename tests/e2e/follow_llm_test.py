#!/usr/bin/env python3
"""classify --follow with an LLM: lines stay in order, files are watched while an answer is waited for, a stop loses no
answer and no line, and nothing is asked twice."""
import collections
import json
import os
import signal
import subprocess
import threading
import time

from harness import DEADLINE_S, PROGRAM, EndToEnd, ids_of, main, objects_of
from scripted_endpoint import ScriptedEndpoint

ROUTE = "routes:\n  LegacyCRM: [llm]\n"
WORDS = ["bar", "dol", "fen", "gim", "hub", "jat", "kos", "lum", "mer", "nop"]
LABEL = "Workflow Error"


def asked(i: int) -> str:
    """A line of a form that the LLM is asked about, another one for each i."""
    a, b, c = WORDS[i % 10], WORDS[i // 10 % 10], WORDS[i // 100 % 10]
    return json.dumps({"source": "LegacyCRM", "message": f"{a}{b} unit {c}{a} {b}{c}{a} gave up id={i}"}) + "\n"


def ruled(i: int) -> str:
    return json.dumps({"source": "Web", "message": f"User User{i} logged in. id={i}"}) + "\n"


class FollowLlm(EndToEnd):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "out.jsonl"
        self.log = self.folder / "app.log"
        self.log.touch()
        self.pause = 0.0  # before each answer
        self.is_open = threading.Event()  # no answer before
        self.is_open.set()
        self.write("logsieve.yaml", ROUTE + "llm: {connect_timeout_ms: 300, total_timeout_ms: 15000, max_retries: 0, agreement: false}\n")
        self.endpoint = ScriptedEndpoint(self.answer)
        self.addCleanup(self.endpoint.close)
        self.addCleanup(self.is_open.set)

    def answer(self, connection, request):
        if self.pause:
            connection.wait(self.pause)
        while not self.is_open.wait(0.05):
            connection.wait(0.01)  # ends it when the test is over
        connection.answers([(line["id"], LABEL) for line in request.lines()])

    def forms_asked(self) -> collections.Counter:
        return collections.Counter(line["form"] for request in list(self.endpoint.requests) for line in request.lines())

    def command(self, *args: str) -> list[str]:
        return [PROGRAM, "classify", "--follow", "--from", "jsonl", "--llm-base-url", self.endpoint.url, "--out", str(self.out),
                "--state", str(self.state), "--durability", "none", *(args or (str(self.log),))]

    def start(self, *args: str) -> subprocess.Popen:
        process = subprocess.Popen(self.command(*args), cwd=self.folder, env=self.environment(LOGSIEVE_LLM_API_KEY="k"),
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def end(self, process: subprocess.Popen) -> None:
        self.wait_until_up(process)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0, process.stderr.read() if process.poll() else b"")

    def append(self, *lines: str) -> None:
        with open(self.log, "a") as log:
            log.write("".join(lines))

    def written(self) -> bytes:
        return self.out.read_bytes() if self.out.exists() else b""

    def wait_for_lines(self, count: int) -> None:
        self.wait_for(lambda: self.written().count(b"\n") >= count, f"{count} lines,", lambda: f"there are {self.written().count(bytes([10]))}")

    def assert_whole(self, count: int, is_asked) -> None:
        """As many as went in, in order, those that the LLM was to be asked about with its label."""
        got = objects_of(self.written())
        self.assertEqual(ids_of(self.written()), list(range(count)))
        for i, answer in enumerate(got):
            self.assertEqual((answer["target_label"], answer["tier"]) if is_asked(i) else answer["tier"],
                             (LABEL, "llm") if is_asked(i) else "rule", answer)

    def test_lines_come_out_in_order_and_each_form_is_asked_once(self):
        self.pause = 0.1
        process = self.start()
        for i in range(300):
            self.append(asked(i) if i % 4 == 0 else ruled(i))
            if i % 20 == 0:
                time.sleep(0.02)  # some come while others are asked
        self.wait_for_lines(300)
        self.end(process)
        self.assert_whole(300, lambda i: i % 4 == 0)
        self.assertEqual(max(self.forms_asked().values()), 1)
        self.assertLess(len(self.endpoint.requests), 60, "lines that come together share a request")

    def test_files_are_watched_and_read_while_an_answer_is_waited_for(self):
        """The file is rotated and its old name is gone for good before the answer comes: what was in it is read in time."""
        self.is_open.clear()
        process = self.start()
        self.append(asked(0))
        self.wait_for(lambda: self.endpoint.requests, "a question")
        for turn in range(5):
            self.append(*(ruled(i) for i in range(1 + 100 * turn, 1 + 100 * (turn + 1))))
            self.wait_for_reading(process, self.log)
            os.rename(self.log, self.folder / "old")
            self.log.touch()
            self.wait_for_reading(process, self.log)
            (self.folder / "old").unlink()
        self.assertEqual(self.written(), b"", "in order, so behind the first")
        self.is_open.set()
        self.wait_for_lines(501)
        self.end(process)
        self.assert_whole(501, lambda i: i == 0)

    def wait_for_reading(self, process: subprocess.Popen, path) -> None:
        """It has the file open."""
        inode = os.stat(path).st_ino

        def is_open() -> bool:
            for fd in os.listdir(f"/proc/{process.pid}/fd"):
                try:
                    if os.stat(f"/proc/{process.pid}/fd/{fd}").st_ino == inode:
                        return True
                except OSError:
                    pass
            return os.stat(path).st_size == 0 and time.sleep(0.25) is None  # an empty file is not opened: one look later
        self.wait_for(is_open, "the file to be opened")

    def test_a_stop_while_an_answer_is_waited_for_loses_neither(self):
        self.pause = 1.0
        self.append(*(asked(i) if i in (3, 60) else ruled(i) for i in range(100)))
        process = self.start()
        self.wait_for(lambda: self.endpoint.requests, "a question")
        self.end(process)
        before = self.written()
        self.assertLess(before.count(b"\n"), 4, "what has no answer yet is left to the next run")
        process = self.start()
        self.wait_for_lines(100)
        self.end(process)
        self.assertTrue(self.written().startswith(before))
        self.assert_whole(100, lambda i: i in (3, 60))
        self.assertEqual(max(self.forms_asked().values()), 1, "the answer that was under way was kept")

    def test_kills_at_any_moment_lose_and_double_nothing_and_ask_nothing_that_was_shown(self):
        self.pause = 0.05
        count = 400
        self.append(*(asked(i) if i % 7 == 0 else ruled(i) for i in range(count // 2)))
        shown: set[str] = set()
        for cycle in range(8):
            asked_before = len(self.endpoint.requests)
            process = self.start()
            time.sleep(0.08 + 0.04 * cycle)  # the moment of the kill
            process.kill()
            process.wait()
            self.assert_not_asked(shown, asked_before)
            whole = self.written().rpartition(b"\n")[0]
            shown |= {answer["template"] for answer in objects_of(whole) if answer["tier"] == "llm"}
            self.append(*(asked(i) if i % 7 == 0 else ruled(i)
                          for i in range(count // 2 + 25 * cycle, count // 2 + 25 * (cycle + 1))))
        asked_before = len(self.endpoint.requests)
        process = self.start()
        self.wait_for_lines(count)
        self.end(process)
        self.assert_whole(count, lambda i: i % 7 == 0)
        self.assert_not_asked(shown, asked_before)

    def assert_not_asked(self, forms: set[str], since: int) -> None:
        for request in self.endpoint.requests[since:]:
            self.assertFalse(forms & {line["form"] for line in request.lines()})

    def test_an_endpoint_that_hangs_costs_its_own_lines_their_label_and_nobody_the_order(self):
        self.write("logsieve.yaml", ROUTE + "llm: {connect_timeout_ms: 300, total_timeout_ms: 500, max_retries: 0, agreement: false}\n")
        self.is_open.clear()
        process = self.start()
        self.append(*(asked(i) if i % 10 == 0 else ruled(i) for i in range(200)))
        self.wait_for_lines(200)
        self.end(process)
        got = objects_of(self.written())
        self.assertEqual(ids_of(self.written()), list(range(200)))
        self.assertEqual({answer["tier"] for answer in got[1:10]}, {"rule"})
        self.assertLessEqual({answer["tier"] for answer in got[::10]}, {"none", "prototype"})


if __name__ == "__main__":
    main()
