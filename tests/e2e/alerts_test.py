#!/usr/bin/env python3
"""Anomalies and alerts of the whole program: watch, its state, a scripted webhook, a real Alertmanager."""
import gzip
import hashlib
import hmac
import http.server
import json
import os
import pty
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import unittest
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

from harness import DEADLINE_S, PROGRAM, ROOT, EndToEnd, environment, main, objects_of

START = datetime(2026, 1, 5, tzinfo=timezone.utc)


def stamp(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def usual_lines(seconds: int, seed: int, begin: float = 0) -> list[tuple[float, str]]:
    """Three templates at 1, 0.5 and 0.2 lines a second."""
    rng, lines = random.Random(seed), []
    for rate, text in ((1, "cache refreshed in {} ms"), (0.5, "request {} served"), (0.2, "worker {} took a job")):
        at = begin
        while (at := at + rng.expovariate(rate)) < begin + seconds:
            lines.append((at, text.format(rng.randrange(10000))))
    return lines


def text_of(lines: list[tuple[float, str]]) -> str:
    return "".join(f"{stamp(at)} {line}\n" for at, line in sorted(lines))


def burst(at: float, count: int = 60) -> list[tuple[float, str]]:
    return [(at + i * 0.5, f"worker {i} took a job") for i in range(count)]


class Hook:
    """A webhook receiver that answers by a script of statuses, the last one for ever; None: hangs up."""

    def __init__(self, script):
        self.script, self.seen, self.changed = list(script), [], threading.Condition()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with hook.changed:
                    status = hook.script.pop(0) if len(hook.script) > 1 else hook.script[0]
                    hook.seen.append((dict(self.headers), body, status))
                    hook.changed.notify_all()
                if status is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, condition):
        with self.changed:
            return self.changed.wait_for(lambda: condition(self.seen), DEADLINE_S)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        return some.getsockname()[1]


class Watch(EndToEnd):
    def config(self, *sinks: str, wait: int = 0) -> str:
        lines = [f"alerts:\n  group_wait_seconds: {wait}\n  group_interval_seconds: 0\n  sinks:\n", *sinks]
        return self.write("logsieve.yaml", "".join(lines) if sinks else "threads: 1\n")

    def start(self, *args: str, **env: str) -> subprocess.Popen:
        process = subprocess.Popen([PROGRAM, "watch", "--state", str(self.folder / "state"), "--warmup-lines", "500", *args],
                                   cwd=self.folder, env=environment(**env), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def next_event(self, process: subprocess.Popen, kind: str) -> dict:
        while line := process.stdout.readline():
            if (event := json.loads(line))["kind"] == kind:
                return event
        self.fail("the program has ended: " + process.stderr.read().decode())

    def once(self, *args: str, stdin: bytes = b"") -> list[dict]:
        done = self.run_program("watch", "--once", "--state", str(self.folder / "state"), "--warmup-lines", "500", *args,
                                stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return objects_of(done.stdout)

    def alerts(self, *args: str) -> list[dict]:
        done = self.run_program("alerts", "list", "--json", "--state", str(self.folder / "state"), *args)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return objects_of(done.stdout)

    def test_follows_a_file_that_grows_and_is_rotated(self):
        log = self.write("app.log", text_of(usual_lines(900, 1)))
        process = self.start(log)
        with open(log, "a") as f:
            f.write(text_of([(901, "volume 7 was remounted read-only")]))
        first = self.next_event(process, "new_template")
        self.assertEqual((first["kind"], first["state"]), ("new_template", "firing"))
        os.rename(log, log + ".1")
        with open(log, "w") as f:
            f.write(text_of([(902, "lease of tenant 12 was handed over")]))
        second = self.next_event(process, "new_template")
        self.assertEqual((second["kind"], second["line"]), ("new_template", 1))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(DEADLINE_S), 0)

    def test_goes_on_from_its_state_and_says_nothing_twice(self):
        lines = usual_lines(900, 2)
        log = self.write("app.log", text_of(lines))
        self.assertEqual(self.once(log), [])
        with open(log, "a") as f:
            f.write(text_of(usual_lines(120, 3, 900) + burst(930) + [(1000, "volume 7 was remounted read-only")]))
        found = self.once(log)
        self.assertEqual(sorted({e["kind"] for e in found if e["state"] == "firing"} - {"novel", "risk"}), ["burst", "new_template"])
        self.assertGreater(min(e["line"] for e in found), len(lines))
        self.assertEqual(self.once(log), [])
        # The positions are lost: everything is read again, and known by its time.
        (self.folder / "state" / "watch.json").unlink()
        self.assertEqual(self.once(log), [])
        kinds = [a["kind"] for a in self.alerts("--all")]
        self.assertEqual(len(kinds), len(set(kinds)), kinds)

    def test_a_replay_in_seconds_gives_what_the_live_run_gave(self):
        text = text_of(usual_lines(1500, 4) + burst(1000) + [(1400, "volume 7 was remounted read-only")])
        log = self.write("replay.log", text)
        replayed = self.once(log)
        self.assertTrue(any(e["kind"] == "burst" for e in replayed))
        shutil.rmtree(self.folder / "state")
        live = self.write("live.log", "")
        process = self.start(live)
        pieces = text.splitlines(keepends=True)
        with open(live, "a") as f:
            for i in range(0, len(pieces), 97):
                f.write("".join(pieces[i:i + 97]))
                f.flush()
        seen = [json.loads(process.stdout.readline()) for e in replayed if e["kind"] != "novel"]
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_S)
        self.assertEqual(seen, [e for e in replayed if e["kind"] != "novel"])

    def test_a_bad_reload_changes_nothing_and_a_good_one_everything(self):
        log = self.write("app.log", text_of(usual_lines(900, 5)))
        config = self.write("logsieve.yaml", "threads: 1\n")
        process = self.start(log, "--config", config)
        with open(log, "a") as f:
            f.write(text_of([(901, "volume 7 was remounted read-only")]))
        self.next_event(process, "new_template")
        self.write("logsieve.yaml", "no such key: 1\n")
        process.send_signal(signal.SIGHUP)
        self.assertIn(b"nothing was reloaded", process.stderr.readline())
        self.write("logsieve.yaml", "threads: 2\n")
        process.send_signal(signal.SIGHUP)
        while b"reloaded" not in (line := process.stderr.readline()) or b"nothing" in line:
            self.assertTrue(line, "the program has ended")
        with open(log, "a") as f:
            f.write(text_of([(902, "lease of tenant 12 was handed over")]))
        self.assertIn("lease", self.next_event(process, "new_template")["template"])  # what was learned is still known
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(DEADLINE_S), 0)

    def test_delivers_signed_messages_at_least_once_through_faults(self):
        hook = Hook([503, None, 200])
        self.addCleanup(hook.close)
        self.write("secret", "s3cret\n")
        self.config(f"    - {{name: hook, type: webhook, url: '{hook.url}', secret_file: secret}}\n")
        log = self.write("app.log", text_of(usual_lines(900, 6) + [(899, "volume 7 was remounted read-only")]))
        process = self.start(log)
        self.assertTrue(hook.wait_for(lambda seen: any(s == 200 for _, _, s in seen)))
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_S)
        ids = {headers["X-Logsieve-Delivery"] for headers, _, _ in hook.seen[:3]}
        self.assertEqual(len(ids), 1, "one message under one id")
        headers, body, _ = hook.seen[2]
        signed = f"{headers['X-Logsieve-Timestamp']}.".encode() + body
        self.assertEqual(headers["X-Logsieve-Signature"], "v1=" + hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest())
        message = json.loads(body)
        self.assertEqual((message["version"], message["status"]), ("4", "firing"))
        self.assertEqual(message["alerts"][0]["labels"]["alertname"], "new_template")

    def test_a_message_that_could_not_be_delivered_goes_out_in_the_next_run(self):
        port = free_port()
        self.config(f"    - {{name: hook, type: webhook, url: 'http://127.0.0.1:{port}/hook', timeout_ms: 500}}\n")
        log = self.write("app.log", text_of(usual_lines(900, 7) + [(899, "volume 7 was remounted read-only")]))
        began = time.monotonic()
        self.assertTrue(self.once(log))
        self.assertLess(time.monotonic() - began, DEADLINE_S)
        hook = Hook([200])
        self.addCleanup(hook.close)
        self.config(f"    - {{name: hook, type: webhook, url: '{hook.url}'}}\n")
        process = self.start(log)
        self.assertTrue(hook.wait_for(lambda seen: len(seen) >= 1))
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_S)
        self.assertIn(b"remounted", hook.seen[0][1])

    def test_draws_a_screen_on_a_terminal_that_a_log_line_cannot_change(self):
        log = self.write("app.log", text_of(usual_lines(900, 13) + [(899, "volume \x1b[31m 7 was \x07 remounted")]))
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = subprocess.Popen([PROGRAM, "watch", "--state", str(self.folder / "state"), "--warmup-lines", "500", log],
                                   cwd=self.folder, env=environment(), stdin=subprocess.DEVNULL, stdout=slave,
                                   stderr=subprocess.DEVNULL)
        os.close(slave)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        seen = b""
        while b"remounted" not in seen:
            seen += os.read(master, 65536)
        self.assertIn(b"by tier", seen)
        self.assertIn(b"open alerts", seen)
        self.assertNotIn(b"\x1b[31m", seen)
        self.assertNotIn(b"\x07", seen)

    def test_alerts_are_listed_muted_and_acknowledged(self):
        state = ("--state", str(self.folder / "state"))
        log = self.write("app.log", text_of(usual_lines(900, 8) + burst(860)))
        self.once(log)
        found = self.alerts()
        self.assertEqual([a["kind"] for a in found], ["burst"])
        self.assertEqual(self.run_program("alerts", "ack", found[0]["id"][:12], *state).returncode, 0)
        self.assertTrue(self.alerts()[0]["acknowledged"])
        muted = self.run_program("alerts", "mute", "--kind", "burst", "--for", "2h", "--reason", "load test", *state)
        self.assertEqual(muted.stdout, b"1\n")
        self.assertIn(b"load test", self.run_program("alerts", "mutes", *state).stdout)
        self.assertEqual(self.run_program("alerts", "unmute", "1", *state).returncode, 0)
        self.assertEqual(self.run_program("alerts", "mutes", *state).stdout, b"")
        self.assertEqual(self.run_program("alerts", "mute", *state).returncode, 2)
        self.assertEqual(self.run_program("alerts", "mute", "--kind", "burst", "--for", "soon", *state).returncode, 2)

    def test_lists_what_came_once_and_all_that_is_known_of_it(self):
        log = self.write("app.log", text_of(usual_lines(900, 21) + [(899, "volume 7 was remounted read-only")]))
        self.once(log)
        (found,) = [a for a in self.alerts() if a["kind"] == "new_template"]
        self.assertEqual((found["state"], found["ended"]), ("once", None))
        self.assertIn("remounted", found["examples"][0])
        for key in ("expected", "seen", "line", "sources", "subject", "fingerprint"):
            self.assertIn(key, found)
        shown = self.run_program("alerts", "list", "--state", str(self.folder / "state")).stdout.decode()
        self.assertRegex(shown, r"once +info +new_template|once +warning +new_template|once +critical +new_template")

    def test_a_mute_for_a_label_of_no_model_is_refused(self):
        done = self.run_program("alerts", "mute", "--label", "Nonsense", "--state", str(self.folder / "state"))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(b"its labels: ", done.stderr)
        self.assertFalse((self.folder / "state").exists())

    def test_alerts_of_each_run_are_appended(self):
        lines = usual_lines(900, 22)
        log = self.write("app.log", text_of(lines))
        self.once(log, "--alerts", "a.jsonl")
        with open(log, "a") as f:
            f.write(text_of([(901, "volume 7 was remounted read-only")]))
        self.once(log, "--alerts", "a.jsonl")
        first = (self.folder / "a.jsonl").read_bytes()
        self.assertIn(b"remounted", first)
        self.once(log, "--alerts", "a.jsonl")
        self.assertEqual((self.folder / "a.jsonl").read_bytes(), first)

    def test_a_file_that_is_not_there_is_told_once_and_waited_for(self):
        process = self.start("late.log")
        self.assertIn(b"late.log is not there: it is waited for", process.stderr.readline())
        log = self.write("late.log", text_of(usual_lines(900, 23)))
        with open(log, "a") as f:
            f.write(text_of([(901, "volume 7 was remounted read-only")]))
        self.next_event(process, "new_template")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(DEADLINE_S), 130)
        self.assertEqual(process.stderr.read(), b"")
        done = self.run_program("watch", "--once", "--state", str(self.folder / "state"), "no.log")
        self.assertEqual(done.returncode, self.run_program("classify", "no.log").returncode, done.stderr)

    def test_ends_quietly_when_its_reader_is_gone(self):
        log = self.write("app.log", text_of(usual_lines(900, 24) + [(899, "volume 7 was remounted read-only")]))
        process = self.start(log)
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.wait(DEADLINE_S), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_tells_a_full_disk_at_once(self):
        log = self.write("app.log", text_of(usual_lines(900, 25) + [(899, "volume 7 was remounted read-only")]))
        with open("/dev/full", "wb") as full:
            process = subprocess.Popen([PROGRAM, "watch", "--state", str(self.folder / "state"), "--warmup-lines", "500", log],
                                       env=environment(), stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE)
            self.addCleanup(process.stderr.close)
            self.assertEqual(process.wait(DEADLINE_S), 74)
        self.assertIn(b"No space left on device", process.stderr.read())

    def test_one_run_a_state_folder_and_positions_of_all_inputs_stay(self):
        log = self.write("app.log", text_of(usual_lines(900, 26)))
        other = self.write("other.log", text_of(usual_lines(60, 27)))
        self.once(log)
        self.once(other)
        self.assertEqual(set(json.loads((self.folder / "state" / "watch.json").read_text())), {log, other})
        process = self.start("late.log")
        process.stderr.readline()
        second = self.run_program("watch", "--once", "--state", str(self.folder / "state"), log)
        self.assertEqual(second.returncode, 2)
        self.assertIn(b"another watch keeps its state in", second.stderr)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(DEADLINE_S), 0)
        (self.folder / "state" / "watch.json").write_text("{not json")
        done = self.run_program("watch", "--once", "--state", str(self.folder / "state"), log)
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        self.assertIn(b"watch.json is damaged", done.stderr)

    def test_the_screen_shows_what_was_open_before_the_restart(self):
        log = self.write("app.log", text_of(usual_lines(900, 28) + burst(880, 40)))
        self.once(log)
        self.assertEqual([a["kind"] for a in self.alerts() if a["state"] == "firing"], ["burst"])
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        process = subprocess.Popen([PROGRAM, "watch", "--state", str(self.folder / "state"), log], cwd=self.folder,
                                   env=environment(), stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL)
        os.close(slave)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        seen = b""
        while b"open alerts" not in seen:
            seen += os.read(master, 65536)
        self.assertIn(b"open alerts: 1", seen)

    def test_an_alert_that_is_not_in_the_store_holds_back_the_positions(self):
        log = self.write("app.log", text_of(usual_lines(900, 29)))
        self.once(log)
        store = sqlite3.connect(self.folder / "state" / "alerts.sqlite", isolation_level=None)
        self.addCleanup(store.close)
        store.execute("BEGIN EXCLUSIVE")  # whatever is told now cannot be kept
        process = self.start(log)
        with open(log, "a") as f:
            f.write(text_of([(901, "volume 7 was remounted read-only")]))
        self.next_event(process, "new_template")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(DEADLINE_S), 74)
        self.assertIn(b"could not be kept", process.stderr.read())
        process = self.start(log)
        self.next_event(process, "new_template")  # its line was read again
        process.kill()  # between the event and the store
        process.wait()
        store.execute("ROLLBACK")
        self.once(log)
        self.assertIn("new_template", [a["kind"] for a in self.alerts("--all")])

    def test_a_reload_takes_other_sinks_or_says_why_not(self):
        first, second = Hook([200]), Hook([200])
        self.addCleanup(first.close)
        self.addCleanup(second.close)
        self.config(f"    - {{name: first, type: webhook, url: '{first.url}'}}\n")
        log = self.write("app.log", text_of(usual_lines(900, 30) + [(899, "volume 7 was remounted read-only")]))
        process = self.start(log)
        self.assertTrue(first.wait_for(lambda seen: any(b"remounted" in body for _, body, _ in seen)))
        self.config("    - {name: second, type: webhook, url: 'http://ops.example.com/'}\n")
        process.send_signal(signal.SIGHUP)
        self.assertIn(b"nothing was reloaded", process.stderr.readline())
        self.assertIn(b'sink "second" is plain http', process.stderr.readline())
        self.config(f"    - {{name: second, type: webhook, url: '{second.url}'}}\n")
        process.send_signal(signal.SIGHUP)
        while b"settings reloaded" not in (line := process.stderr.readline()):
            self.assertTrue(line, "the program has ended")
        before = len(first.seen)
        with open(log, "a") as f:
            f.write(text_of([(902, "lease of tenant 12 was handed over")]))
        self.assertTrue(second.wait_for(lambda seen: any(b"lease" in body for _, body, _ in seen)))
        self.assertEqual(len(first.seen), before)
        self.write("logsieve.yaml", "detect: {risk_labels: [Nonsense]}\n")
        process.send_signal(signal.SIGHUP)
        self.assertIn(b"nothing was reloaded", process.stderr.readline())
        self.assertIn(b'no label "Nonsense"', process.stderr.readline())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(DEADLINE_S), 0)

    def test_a_sink_on_stderr_tells_rows(self):
        self.config("    - {type: stderr}\n")
        log = self.write("app.log", text_of(usual_lines(900, 31) + [(899, "volume 7 was remounted read-only")]))
        done = self.run_program("watch", "--once", "--state", str(self.folder / "state"), "--warmup-lines", "500", log)
        self.assertRegex(done.stderr.decode(), r"new_template +.*remounted")

    def test_compressed_files_are_read_once_or_refused(self):
        text = text_of(usual_lines(900, 32) + [(899, "volume 7 was remounted read-only")]).encode()
        packed = self.write("app.log.gz", gzip.compress(text))
        self.assertIn("new_template", [e["kind"] for e in self.once(packed)])
        self.assertEqual(self.once(packed), [])
        done = self.run_program("watch", "--state", str(self.folder / "state"), packed)
        self.assertEqual(done.returncode, 65)
        self.assertIn(b"cannot be followed", done.stderr)
        done = self.run_program("watch", "--state", str(self.folder / "state2"), stdin=gzip.compress(text))
        self.assertEqual(done.returncode, 65)
        self.assertIn(b"zcat", done.stderr)

    def test_records_that_cannot_be_read_are_told_and_kept(self):
        log = self.write("app.jsonl", '{"message": "good"}\n{"message": \n{"message": "good"}\n')
        done = self.run_program("watch", "--once", "--state", str(self.folder / "state"), "--rejects", "bad.jsonl", log)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"1 record could not be read, the first at " + log.encode() + b":2: ", done.stderr)
        (kept,) = objects_of((self.folder / "bad.jsonl").read_bytes())
        self.assertEqual((kept["input"], kept["line"]), (log, 2))

    def test_doctor_tells_a_sink_that_will_not_do(self):
        self.config("    - {name: ops, type: webhook, url: 'http://ops.example.com/s3cret'}\n")
        done = self.run_program("doctor", "--llm", "off")
        self.assertEqual(done.returncode, 78)
        self.assertIn(b'sink "ops" is plain http', done.stdout)
        self.assertNotIn(b"s3cret", done.stdout)
        self.config("    - {name: log, type: file, path: no/such/folder/alerts.jsonl}\n")
        self.assertIn(b"there is no folder no/such/folder", self.run_program("doctor", "--llm", "off").stdout)

    def alertmanager(self) -> str | None:
        for place in (shutil.which("prometheus-alertmanager"), ROOT / "build/alertmanager/usr/bin/prometheus-alertmanager",
                      os.environ.get("LOGSIEVE_ALERTMANAGER")):
            if place and Path(place).exists():
                return str(place)
        return None

    def test_a_real_alertmanager_takes_and_groups_what_is_sent(self):
        program = self.alertmanager()
        if not program:
            self.skipTest("no prometheus-alertmanager here: ./dev test fetches it")
        port = free_port()
        config = self.write("am.yml", "route: {receiver: none, group_by: [alertname], group_wait: 1s}\nreceivers: [{name: none}]\n")
        manager = subprocess.Popen([program, f"--config.file={config}", f"--storage.path={self.folder / 'am'}",
                                    f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="],
                                   cwd=Path(program).parents[2],  # where `./dev` has unpacked it
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(manager.stderr.close)
        self.addCleanup(manager.wait)
        self.addCleanup(manager.kill)
        said: list[bytes] = []
        threading.Thread(target=lambda: said.extend(manager.stderr), daemon=True).start()
        deadline = time.monotonic() + DEADLINE_S
        while True:  # it says that it listens before it does
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if manager.poll() is not None:
                    self.skipTest(f"this Alertmanager does not start: {b''.join(said)[-300:]!r}")
                self.assertLess(time.monotonic(), deadline, said)
                time.sleep(0.02)
        self.config(f"    - {{name: am, type: alertmanager, url: 'http://127.0.0.1:{port}'}}\n")
        log = self.write("app.log", text_of(usual_lines(900, 9) + burst(860) + [(899, "volume 7 was remounted read-only"),
                                                                                (899.5, "lease of tenant 12 was handed over")]))
        done = self.run_program("watch", "--once", "--state", str(self.folder / "state"), "--warmup-lines", "500", log)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertNotIn(b"sink", done.stderr, done.stderr.decode())
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/alerts/groups", timeout=DEADLINE_S) as answer:
            groups = json.load(answer)
        by_kind = {group["labels"]["alertname"]: group["alerts"] for group in groups}
        self.assertEqual(len(by_kind["new_template"]), 2)
        self.assertEqual(len(by_kind["burst"]), 1)
        self.assertIn("worker", by_kind["burst"][0]["labels"]["template"])
        self.assertIn("lines in", by_kind["burst"][0]["annotations"]["summary"])


class Detect(EndToEnd):
    def test_classify_writes_the_same_alerts_whatever_the_threads(self):
        log = self.write("x.log", text_of(usual_lines(1500, 10) + burst(1000)))
        outputs = []
        for threads in ("1", "2"):
            self.classify(log, "--threads", threads, "--detect", "--alerts", "alerts.jsonl", "--warmup-lines", "500")
            outputs.append((self.folder / "alerts.jsonl").read_bytes())
        self.assertEqual(outputs[0], outputs[1])
        events = objects_of(outputs[0])
        self.assertEqual([(e["kind"], e["state"]) for e in events], [("burst", "firing"), ("burst", "resolved")])
        for key in ("line", "time", "severity", "what", "expected", "seen", "examples"):
            self.assertIn(key, events[0])

    def test_reports_numbers_out_of_their_range_and_orders_never_seen(self):
        rng, lines = random.Random(14), []
        for job in range(6001):
            took = 30000 if job == 6000 else rng.randrange(20, 80)
            steps = ("opened", f"checked in {took} ms", "closed")
            lines += [(job * 4 + i, f"job {job} {step}") for i, step in enumerate(steps)]
        lines += [(24010, "job 7001 opened"), (24011, "job 7001 closed")]
        config = self.write("logsieve.yaml", "detect:\n  session_key: 'job (\\d+) '\n")
        self.classify(self.write("jobs.log", text_of(lines)), "--config", config, "--detect", "--alerts", "a.jsonl",
                      "--warmup-lines", "500")
        events = objects_of((self.folder / "a.jsonl").read_bytes())
        self.assertEqual([(e["kind"], e["line"]) for e in events], [("value", 18002), ("sequence", 18005)], events)
        self.assertEqual(events[0]["seen"], 30000)
        self.assertIn("above its range", events[0]["what"])
        self.assertIn("session 7001", events[1]["what"])

    def test_warmup_of_the_configuration_holds_unless_the_flag_says_otherwise(self):
        log = self.write("x.log", text_of(usual_lines(900, 15) + [(899, "volume 7 was remounted read-only")]))
        config = self.write("logsieve.yaml", "detect: {warmup_lines: 500}\n")
        for args, found in (((), True), (("--warmup-lines", "100000"), False)):
            self.classify(log, "--config", config, "--detect", "--alerts", "a.jsonl", *args)
            kinds = [e["kind"] for e in objects_of((self.folder / "a.jsonl").read_bytes())]
            self.assertEqual("new_template" in kinds, found, kinds)

    def test_risk_labels_that_the_model_does_not_have_are_refused(self):
        log = self.write("x.log", text_of(usual_lines(60, 16)))
        config = self.write("logsieve.yaml", "detect: {risk_labels: [Nonsense]}\n")
        done = self.classify(log, "--config", config, "--detect", code=78)
        self.assertIn(b'the model has no label "Nonsense"', done.stderr)
        self.assertIn(b"its labels: ", done.stderr)

    def test_alerts_on_stdout_where_verdicts_go_to_a_file(self):
        log = self.write("x.log", text_of(usual_lines(1500, 10) + burst(1000)))
        done = self.classify(log, "-o", "out.jsonl", "--alerts", "-", "--warmup-lines", "500")
        self.assertEqual([e["kind"] for e in objects_of(done.stdout)], ["burst", "burst"])

    def test_a_state_that_is_none_is_refused(self):
        log = self.write("x.log", text_of(usual_lines(60, 11)))
        state = self.write("state", "something else")
        done = self.classify(log, "--detect", "--detect-state", state, code=65)
        self.assertIn(b"not a detector state", done.stderr)
        self.assertEqual(Path(state).read_text(), "something else")

    def test_time_fields_of_csv_and_jsonl_are_record_time(self):
        lines = sorted(usual_lines(1500, 12) + burst(1000))
        rows = "timestamp,log_message\n" + "".join(f"{stamp(at)},{text}\n" for at, text in lines)
        objects = "".join(json.dumps({"ts": stamp(at), "msg": text}) + "\n" for at, text in lines)
        for name, text in (("x.csv", rows), ("x.jsonl", objects)):
            self.classify(self.write(name, text), "--detect", "--alerts", "a.jsonl", "--warmup-lines", "500")
            events = objects_of((self.folder / "a.jsonl").read_bytes())
            self.assertEqual([e["kind"] for e in events], ["burst", "burst"], name)


if __name__ == "__main__":
    main()
