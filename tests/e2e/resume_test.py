#!/usr/bin/env python3
"""classify INPUT --out FILE --state DIR: the same command goes on where it stopped, and loses and doubles nothing.

The oracle of all tests is one run without interruption: the same bytes. LOGSIEVE_KILL_CYCLES (default 12) is how often
the random kills strike; `LOGSIEVE_KILL_CYCLES=200 python3 tests/e2e/resume_test.py Kills` is the long run."""
import collections
import gzip
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

from harness import BINARY_DIR, MODEL, PROGRAM, EndToEnd, main, objects_of, rows_of

LINES = 300_000


def text(lines: int) -> bytes:
    kinds = ("job %d finished in %d ms", "disk sda%d failed, %d sectors", "user %d opened page %d", "noise %d of %d")
    return "".join(kinds[i % 4] % (i, i % 97) + "\n" for i in range(lines)).encode()


class Resume(EndToEnd):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "out"
        self.rejects = self.folder / "rejects"
        self.extra: list[str] = []
        self.cycle = 0

    def fresh(self):
        """A state folder that nothing has used, and no output."""
        self.cycle += 1
        self.run_state = self.folder / f"state{self.cycle}"
        for path in (self.out, self.rejects):
            path.unlink(missing_ok=True)

    def command(self, *inputs: str) -> list[str]:
        return [PROGRAM, "classify", "--llm", "off", *inputs, "--out", str(self.out), "--rejects", str(self.rejects),
                "--state", str(self.run_state), *self.extra]

    def run_to(self, code, *inputs: str, **env: str) -> bytes:
        done = subprocess.run(self.command(*inputs), capture_output=True, cwd=self.folder, timeout=120,
                              env=self.environment(**env), check=False)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stderr

    def whole(self, *inputs: str) -> tuple[bytes, bytes]:
        """What an undisturbed run writes, with no state at all."""
        flags = [flag for flag in self.extra if flag not in ("--durability", "none", "line", "batch")]
        self.classify(*inputs, "--out", str(self.folder / "whole"), "--rejects", str(self.folder / "bad"), *flags)
        return (self.folder / "whole").read_bytes(), (self.folder / "bad").read_bytes()

    def assert_whole(self, wanted: tuple[bytes, bytes]):
        self.assertEqual(len(self.out.read_bytes()), len(wanted[0]))
        self.assertTrue(self.out.read_bytes() == wanted[0], "the output differs from that of one undisturbed run")
        self.assertEqual(self.rejects.read_bytes(), wanted[1])


class Kills(Resume):
    def test_random_kills_lose_and_double_nothing(self):
        cycles = int(os.environ.get("LOGSIEVE_KILL_CYCLES", "12"))
        chance = random.Random(cycles)
        rows = ["id,log_message\n"] + [f'{i},"job {i}\nfinished in {i % 97} ms"\n' if i % 5 else f"{i},plain,too,many\n"
                                       for i in range(LINES)]
        data = self.write("in.csv", "".join(rows))
        wanted = self.whole(data)
        self.assertEqual([row["id"] for row in rows_of(wanted[0])], [str(i) for i in range(LINES) if i % 5])
        self.assertEqual(wanted[1].count(b"\n"), LINES // 5)
        kills = 0
        while kills < cycles:
            self.fresh()
            self.extra = ["--durability", chance.choice(["batch", "none"]), "--threads", chance.choice(["1", "2", "3"])]
            code = None
            while code != 0:
                child = subprocess.Popen(self.command(data), stderr=subprocess.DEVNULL, env=self.environment())
                try:
                    code = child.wait(chance.uniform(0.02, 0.7) if kills < cycles else 120)
                except subprocess.TimeoutExpired:
                    child.kill()
                    kills += 1
                    code = child.wait()
                self.assertIn(code, (0, -signal.SIGKILL))
            self.assert_whole(wanted)

    def test_a_kill_at_every_step_of_a_commit_and_of_a_recovery(self):
        data = self.write("in.log", text(120_000))
        self.extra = ["--from", "text"]
        wanted = self.whole(data)
        steps = ["commit.written", "commit.output_synced", "commit.recorded", "commit.done", "generation.write",
                 "generation.written", "recovery.read", "recovery.truncated"]
        for step in steps:
            for time_passed in (1, 2):
                self.fresh()
                code = -signal.SIGKILL
                if time_passed == 2 and not step.startswith("commit"):
                    # A recovery from a kill, killed itself.
                    self.run_to(code, data, LOGSIEVE_FAILPOINT="commit.recorded:2:kill")
                    self.run_to(code, data, LOGSIEVE_FAILPOINT=f"{step}:1:kill")
                else:
                    self.run_to(code, data, LOGSIEVE_FAILPOINT=f"{step}:{time_passed}:kill")
                self.run_to(0, data)
                self.assert_whole(wanted)


class Faults(Resume):
    def setUp(self):
        super().setUp()
        self.data = self.write("in.log", text(120_000))
        self.extra = ["--from", "text"]
        self.wanted = self.whole(self.data)
        self.fresh()

    def test_a_failed_sync_stops_the_run_with_its_own_code_and_is_not_tried_again(self):
        for name in ("output.sync", "journal.sync", "rejects.sync"):
            self.fresh()
            self.assertIn(b"sync", self.run_to(71, self.data, LOGSIEVE_FAILPOINT=f"{name}:1:fail"))
            self.run_to(0, self.data)
            self.assert_whole(self.wanted)

    def test_a_full_disk_stops_the_run_and_the_next_one_goes_on(self):
        for time_passed in (1, 2, 4):
            self.fresh()
            self.assertIn(b"No space left", self.run_to(74, self.data, LOGSIEVE_FAILPOINT=f"write:{time_passed}:fail+"))
            self.run_to(0, self.data)
            self.assert_whole(self.wanted)

    def test_a_torn_record_is_not_taken(self):
        self.run_to(74, self.data, LOGSIEVE_FAILPOINT="commit.tear:2:fail")
        self.run_to(0, self.data)
        self.assert_whole(self.wanted)

    def test_a_file_size_limit_is_an_error_of_the_write(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, 5_000_000))
        done = subprocess.run(self.command(self.data), capture_output=True, env=self.environment(), preexec_fn=limit,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 74, done.stderr)
        self.run_to(0, self.data)
        self.assert_whole(self.wanted)

    def test_sigterm_drains_and_commits(self):
        child = subprocess.Popen(self.command(self.data), stderr=subprocess.PIPE, env=self.environment())
        while not (self.out.exists() and self.out.stat().st_size > 0) and child.poll() is None:
            time.sleep(0.005)
        child.send_signal(signal.SIGTERM)
        self.assertIn(child.wait(30), (130, 0))
        child.stderr.close()
        before = self.out.read_bytes()
        self.assertTrue(self.wanted[0].startswith(before) and before.endswith(b"\n"), "whole records, nothing torn")
        self.run_to(0, self.data)
        self.assertTrue(self.out.read_bytes().startswith(before))
        self.assert_whole(self.wanted)

    def test_a_second_signal_ends_it_at_once_and_costs_no_record(self):
        child = subprocess.Popen(self.command(self.data), stderr=subprocess.DEVNULL, env=self.environment())
        self.wait_until_up(child)
        child.send_signal(signal.SIGTERM)
        child.send_signal(signal.SIGTERM)
        self.assertIn(child.wait(30), (130, -signal.SIGTERM))
        self.run_to(0, self.data)
        self.assert_whole(self.wanted)

    def test_a_run_that_was_stopped_for_a_while_goes_on(self):
        child = subprocess.Popen(self.command(self.data), stderr=subprocess.DEVNULL, env=self.environment())
        for _ in range(5):
            child.send_signal(signal.SIGSTOP)
            time.sleep(0.2)  # nothing is waited for: it is the length of the stop
            child.send_signal(signal.SIGCONT)
            time.sleep(0.02)
        self.assertEqual(child.wait(60), 0)
        self.assert_whole(self.wanted)


class PowerLoss(Resume):
    """The machine dies: of what was written and not synced any part may be on the disk, or zeros in its place."""

    TAILS = {"gone": lambda tail: b"", "half": lambda tail: tail[: len(tail) // 2], "zeros": lambda tail: bytes(len(tail)),
             "there": lambda tail: tail}

    def durable_bytes(self, step: str) -> dict:
        """How much of each file was certainly on the disk when the run died at `step`."""
        journal = max(self.run_state.glob("classify.journal.*"), key=lambda path: int(path.suffix[1:]))
        lines = journal.read_bytes().splitlines(keepends=True)
        if step == "commit.recorded":  # its last record is not synced
            lines.pop()
        record = lines[-1].split()
        if step != "commit.written":  # what the next record will say of them is synced
            return {self.out: self.out.stat().st_size, self.rejects: self.rejects.stat().st_size, journal: sum(map(len, lines))}
        return {self.out: int(record[3]), self.rejects: int(record[4]), journal: sum(map(len, lines))}

    def test_what_was_not_synced_may_be_lost_in_any_way(self):
        rows = ["id,log_message\n"] + [f"{i},job {i} finished in {i % 97} ms\n" if i % 5 else f"{i},plain,too,many\n"
                                       for i in range(100_000)]
        data = self.write("in.csv", "".join(rows))
        wanted = self.whole(data)
        for step in ("commit.written", "commit.output_synced", "commit.recorded", "commit.done"):
            self.fresh()
            self.run_to(-signal.SIGKILL, data, LOGSIEVE_FAILPOINT=f"{step}:2:kill")
            died = {path: path.read_bytes() for path in (self.out, self.rejects, *self.run_state.iterdir())}
            durable = self.durable_bytes(step)
            for output_tail in self.TAILS.values():
                for journal_tail in self.TAILS.values():
                    for path, content in died.items():
                        path.write_bytes(content)
                    for path, length in durable.items():
                        change = output_tail if path in (self.out, self.rejects) else journal_tail
                        path.write_bytes(died[path][:length] + change(died[path][length:]))
                    for path in self.run_state.iterdir():
                        if path not in died:
                            path.unlink()
                    self.run_to(0, data)
                    self.assert_whole(wanted)


class Limits(Resume):
    def limited_run(self, kind: int, limit: int, *inputs: str) -> int:
        done = subprocess.run(self.command(*inputs), capture_output=True, env=self.environment(), timeout=120, check=False,
                              preexec_fn=lambda: resource.setrlimit(kind, (limit, limit)))
        return done.returncode

    def test_a_machine_without_memory_costs_no_record(self):
        data = self.write("in.log", text(60_000))
        self.extra = ["--from", "text"]
        wanted = self.whole(data)
        self.fresh()
        codes = {self.limited_run(resource.RLIMIT_AS, megabytes << 20, data) for megabytes in range(60, 560, 50)}
        self.assertNotIn(-signal.SIGSEGV, codes)
        self.assertNotEqual(codes, {0}, "some limit was too low")
        self.run_to(0, data)
        self.assert_whole(wanted)

    def test_each_allocation_that_fails_costs_no_record(self):
        """One of all that a run makes, or all from it on, at places spread over the run (LOGSIEVE_MALLOC_FAULTS, default 20)."""
        library = BINARY_DIR / "libmalloc_fault.so"
        if not library.exists():
            self.skipTest("no libmalloc_fault.so: sanitizers have an allocator of their own")
        data = self.write("in.log", text(3_000))
        self.extra = ["--from", "text", "--durability", "none"]
        wanted = self.whole(data)
        self.fresh()
        counted = self.folder / "count"
        self.run_to(0, data, LD_PRELOAD=str(library), MALLOC_FAULT_COUNT=str(counted))
        self.assert_whole(wanted)
        count = int(counted.read_text())
        self.assertGreater(count, 1_000)
        places = int(os.environ.get("LOGSIEVE_MALLOC_FAULTS", "20"))
        chance = random.Random(places)
        ended_with = collections.Counter()
        for place in range(places):
            at = 1 + int(count * (place + chance.random()) / places)
            keeps = {"MALLOC_FAULT_KEEPS": "1"} if place % 2 else {}
            self.fresh()
            done = subprocess.run(self.command(data), capture_output=True, timeout=120, check=False,
                                  env=self.environment(LD_PRELOAD=str(library), MALLOC_FAULT_AT=str(at), **keeps))
            ended_with[done.returncode] += 1
            # An exception that finds no memory for itself ends the program by abort: no worse than a kill.
            self.assertIn(done.returncode, (0, 1, 74, 78, -signal.SIGABRT), (at, keeps, done.stderr))
            if done.returncode != 0:
                self.assertTrue(done.stderr, (at, keeps))
                self.run_to(0, data)
            self.assert_whole(wanted)
        self.assertNotEqual(set(ended_with), {0}, "some were noticed")

    def test_more_inputs_than_descriptors(self):
        files = [self.write(f"{n}.log", text(20)) for n in range(200)]
        self.extra = ["--from", "text"]
        wanted = self.whole(*files)
        self.fresh()
        self.assertEqual(self.limited_run(resource.RLIMIT_NOFILE, 40, *files), 0)
        self.assert_whole(wanted)
        self.fresh()
        self.assertIn(self.limited_run(resource.RLIMIT_NOFILE, 4, *files), (1, 74, 78), "told, and no endless try")
        self.run_to(0, *files)
        self.assert_whole(wanted)


class Poison(Resume):
    """Records that end the program each time it touches them."""

    def run_until_done(self, *inputs: str, runs: int, **env: str):
        for _ in range(runs):
            done = subprocess.run(self.command(*inputs), capture_output=True, env=self.environment(**env), timeout=300, check=False)
            if done.returncode == 0:
                return
            self.assertEqual(done.returncode, -signal.SIGABRT, done.stderr)
        self.fail("the poison was not passed by")

    def test_a_poison_record_goes_to_the_rejects_and_all_others_are_classified(self):
        # With syncs, 20,000 records that go one by one take minutes on a slow disk.
        for count, durability, places in ((300, "batch", (200,)), (60_000, "none", (0,)), (60_000, "none", (40_000,)),
                                          (60_000, "none", (20_005, 20_006)), (60_000, "none", (59_999,))):
            self.fresh()
            poisoned = text(count).splitlines(keepends=True)
            for place in places:
                poisoned[place] = b"swallow p01s0n now\n"
            data = self.write("in.log", b"".join(poisoned))
            self.extra = ["--from", "text", "--durability", durability]
            self.run_until_done(data, runs=20, LOGSIEVE_FAILPOINT="cascade.record:p01s0n:abort")
            rejected = objects_of(self.rejects.read_bytes())
            self.assertEqual([r["line"] for r in rejected], [place + 1 for place in places])
            self.assertIn("ended twice", rejected[0]["reason"])
            numbers = [row["line"] for row in objects_of(self.out.read_bytes())]
            self.assertEqual(numbers, [n + 1 for n in range(count) if n not in places])

    def test_three_kills_from_outside_cost_no_record(self):
        data = self.write("in.log", text(30_000))
        self.extra = ["--from", "text"]
        wanted = self.whole(data)
        self.fresh()
        for _ in range(4):
            self.run_to(-signal.SIGKILL, data, LOGSIEVE_FAILPOINT="generation.written:1:kill")
        self.run_to(0, data)
        self.assert_whole(wanted)


class Inputs(Resume):
    def setUp(self):
        super().setUp()
        self.fresh()

    def test_a_log_that_has_grown_is_read_on(self):
        data = self.write("in.log", text(50_000))
        self.extra = ["--from", "text"]
        self.run_to(0, data)
        before = self.out.read_bytes()
        self.assertIn(b"going on at line 50001", self.run_to(0, data))
        self.assertEqual(self.out.read_bytes(), before, "nothing was left to do")
        with open(data, "ab") as log:
            log.write(b"disk sdb failed\n" * 1000)
        self.run_to(0, data)
        self.assertTrue(self.out.read_bytes().startswith(before))
        self.assert_whole(self.whole(data))

    def test_a_line_that_is_just_being_written_is_read_again_whole(self):
        for lines in (0, 10, 60_000):
            for to in ("jsonl", "csv"):
                self.fresh()
                self.extra = ["--from", "text", "--to", to]
                whole_lines = text(lines)
                data = self.write("in.log", whole_lines + b"disk sda1 fai")
                self.run_to(0, data)
                now = self.whole(data)
                self.assert_whole(now)
                for _ in range(3):
                    self.assertNotIn(b"record by record", self.run_to(0, data))
                    self.assert_whole(now)
                with open(data, "ab") as log:
                    log.write(b"led\ndisk sdb1 failed\n")
                self.run_to(0, data)
                self.assert_whole(self.whole(data))
                self.assertIn(b"disk sda1 failed", self.out.read_bytes())

    def test_many_inputs_and_compressed_ones(self):
        files = [self.write("a.log", text(60_000)), self.write("b.log.gz", gzip.compress(text(60_000), 1)),
                 self.write("c.log", text(10))]
        self.extra = ["--from", "text"]
        wanted = self.whole(*files)
        for time_passed in (2, 5, 8):
            self.fresh()
            self.extra = ["--from", "text", "--durability", "none"]
            self.run_to(-signal.SIGKILL, *files, LOGSIEVE_FAILPOINT=f"commit.recorded:{time_passed}:kill")
            self.run_to(0, *files)
            self.assert_whole(wanted)

    def test_line_durability_commits_every_line(self):
        data = self.write("in.log", text(40))
        self.extra = ["--from", "text", "--durability", "line"]
        self.run_to(-signal.SIGKILL, data, LOGSIEVE_FAILPOINT="commit.done:17:kill")
        self.assertEqual(self.out.read_bytes().count(b"\n"), 17)
        self.run_to(0, data)
        self.assert_whole(self.whole(data))

    def test_another_command_another_file_and_stdin_are_refused(self):
        data = self.write("in.log", text(100))
        self.run_to(0, data)
        self.extra = ["--to", "csv"]
        self.assertIn(b'then "to ", now "to csv"', self.run_to(78, data))
        self.extra = []
        os.rename(data, data + ".1")
        self.write("in.log", text(200))
        told = self.run_to(78, data)
        self.assertIn(data.encode() + b" was replaced or rewritten", told)
        self.assertIn(b"--follow", told)
        self.run_to(0, data + ".1")  # the same file under its new name
        self.fresh()
        self.assertIn(b"stdin cannot be read again", self.run_to(2, "-"))

    def test_another_model_goes_on_where_the_run_stopped(self):
        data = self.write("in.log", text(100))
        self.run_to(0, data)
        before = self.out.read_bytes()
        with open(data, "ab") as log:
            log.write(b"disk sda1 failed\n" * 3)
        changed = self.another_model()
        told = self.run_to(78, data, LOGSIEVE_MODEL=str(changed))
        self.assertIn(b"the model is another than", told)
        self.assertIn(b"--accept-new-model", told)
        self.assertEqual(self.out.read_bytes(), before)
        self.extra = ["--accept-new-model"]
        told = self.run_to(0, data, LOGSIEVE_MODEL=str(changed))
        self.assertIn(b"keeps what stands in its first %d bytes" % len(before), told)
        self.assertIn(b"going on at line 101", told)
        after = self.out.read_bytes()
        self.assertTrue(after.startswith(before))
        self.assertEqual([o["line"] for o in objects_of(after[len(before):])], [101, 102, 103])
        self.extra = []  # it is the model of the run now
        self.run_to(0, data, LOGSIEVE_MODEL=str(changed))
        self.assertIn(b"--accept-new-model", self.run_to(78, data))
        self.extra = ["--accept-new-model", "--to", "csv"]
        self.assertIn(b'now "to csv"', self.run_to(78, data))

    def test_a_followed_run_takes_another_model(self):
        data = self.write("in.log", text(10))
        changed = self.another_model()
        self.extra = ["--follow"]
        self.follow_to(10, data)
        with open(data, "ab") as log:
            log.write(b"disk sda1 failed\n")
        self.assertIn(b"--accept-new-model", self.run_to(78, data, LOGSIEVE_MODEL=str(changed)))
        self.extra = ["--follow", "--accept-new-model"]
        self.follow_to(11, data, LOGSIEVE_MODEL=str(changed))

    def another_model(self) -> Path:
        """Of another training, as its manifest says."""
        folder = self.folder / "model"
        shutil.copytree(MODEL, folder)
        manifest = (folder / "manifest.json").read_bytes().replace(b'"seed": 1', b'"seed": 1001')
        (folder / "manifest.json").write_bytes(manifest)
        (folder / "manifest.sha256").write_text(hashlib.sha256(manifest).hexdigest() + "  manifest.json\n")
        return folder

    def follow_to(self, lines: int, data: str, **env: str):
        child = subprocess.Popen(self.command(data), stderr=subprocess.DEVNULL, cwd=self.folder, env=self.environment(**env))
        self.wait_for(lambda: self.out.exists() and self.out.read_bytes().count(b"\n") >= lines, f"{lines} lines")
        child.terminate()
        self.assertEqual(child.wait(60), 0)
        self.assertEqual(self.out.read_bytes().count(b"\n"), lines)

    def test_the_same_files_from_another_working_folder_are_no_other_run(self):
        (self.folder / "logs").mkdir()
        self.write("logs/in.log", text(10))
        flags = ("--state", str(self.folder / "state"))
        self.classify("logs/in.log", "--out", "logs/out.jsonl", *flags)
        told = subprocess.run([PROGRAM, "classify", "--llm", "off", "in.log", "--out", "out.jsonl", *flags],
                              capture_output=True, cwd=self.folder / "logs", timeout=120, env=self.environment(), check=False)
        self.assertEqual(told.returncode, 0, told.stderr.decode())
        self.assertIn(b"going on at line 11", told.stderr)
        self.classify("logs/in.log", "--out", "out.jsonl", *flags, code=78)

    def test_an_output_that_is_gone_is_not_begun_anew(self):
        data = self.write("in.log", text(10))
        self.run_to(0, data)
        self.out.unlink()
        self.assertIn(b"is gone", self.run_to(65, data))
        self.assertFalse(self.out.exists())

    def test_an_input_that_was_cut_is_refused(self):
        data = self.write("in.log", text(100))
        self.run_to(0, data)
        os.truncate(data, 200)
        self.assertIn(b"was cut", self.run_to(65, data))


if __name__ == "__main__":
    main()
