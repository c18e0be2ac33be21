#!/usr/bin/env python3
"""classify --follow: files that grow, are rotated and killed from under it; what goes in comes out once, and soon.

LOGSIEVE_KILL_CYCLES (default 12) is how often the random kills strike."""
import gzip
import json
import os
import random
import resource
import select
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from harness import DEADLINE_S, PROGRAM, EndToEnd, environment, ids_of, main, objects_of

KINDS = ("job %d finished in %d ms", "disk sda%d failed, %d sectors", "user %d opened page %d", "noise %d of %d")


def line(i: int) -> str:
    return KINDS[i % 4] % (i, i % 97) + f" id={i}\n"


class Follow(EndToEnd):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "out.jsonl"
        self.rejects = self.folder / "rejects.jsonl"
        self.run_state = self.folder / "state"

    def start(self, *args: str, **env: str) -> subprocess.Popen:
        form = [] if "--from" in args else ["--from", "text"]
        process = subprocess.Popen([PROGRAM, "classify", "--llm", "off", *form, "--follow", *args],
                                   cwd=self.folder, env=self.environment(**env), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for stream in (process.stdout, process.stderr):
            self.addCleanup(stream.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def start_kept(self, *args: str, **env: str) -> subprocess.Popen:
        return self.start(*args, "--out", str(self.out), "--rejects", str(self.rejects), "--state", str(self.run_state), **env)

    def end(self, process: subprocess.Popen, code: int = 0, by: int = signal.SIGTERM) -> bytes:
        self.wait_until_up(process)
        process.send_signal(by)
        self.assertEqual(process.wait(DEADLINE_S), code, process.stderr.read() if process.poll() != code else b"")
        return process.stderr.read()

    def next_line(self, process: subprocess.Popen) -> bytes:
        """Of its stdout, which is read by nothing else."""
        text = b""
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([process.stdout], [], [], DEADLINE_S)
            self.assertTrue(ready, "no line in time")
            piece = os.read(process.stdout.fileno(), 1)
            self.assertTrue(piece, "the program has ended")
            text += piece
        return text

    def lines_out(self) -> int:
        return self.out.read_bytes().count(b"\n") if self.out.exists() else 0

    def wait_for_lines(self, count: int):
        self.wait_for(lambda: self.lines_out() >= count, f"{count} lines,", lambda: f"there are {self.lines_out()}")

    def assert_ids(self, count: int):
        ids = ids_of(self.out.read_bytes())
        self.assertEqual(len(ids), count, "as many out as in")
        self.assertEqual(sorted(ids), list(range(count)), "each once")

    def assert_all_in_order(self, count: int):
        self.assert_ids(count)
        self.assertEqual(ids_of(self.out.read_bytes()), list(range(count)))


class Basics(Follow):
    def test_a_lone_line_comes_out_within_a_second(self):
        log = self.write("app.log", line(0))
        process = self.start(log)
        self.next_line(process)
        taken = []
        for i in range(1, 6):
            begin = time.monotonic()
            with open(log, "a") as f:
                f.write(line(i))
            self.assertEqual(ids_of(self.next_line(process)), [i])
            taken.append(time.monotonic() - begin)
        self.assertLess(sorted(taken)[2], 1.0)
        self.end(process)

    def test_it_begins_at_the_beginning_or_at_the_end(self):
        log = self.write("app.log", line(0) + line(1))
        process = self.start(log)
        self.assertEqual(ids_of(self.next_line(process) + self.next_line(process)), [0, 1])
        self.end(process)
        process = self.start("--from-end", log, "late.log")
        self.assertIn(b"late.log is not there: it is waited for", process.stderr.readline())
        with open(log, "a") as f:
            for i in range(2, 1000):  # until it has taken its place at the end, and reads on from there
                f.write(line(i))
                f.flush()
                if select.select([process.stdout], [], [], 0.05)[0]:
                    break
        self.assertGreater(ids_of(self.next_line(process))[0], 1)
        self.write("late.log", line(1000))
        while (i := ids_of(self.next_line(process))[0]) != 1000:
            self.assertGreater(i, 1)
        self.assertEqual(self.end(process, 130, signal.SIGINT)[:20], b"logsieve: ended afte")

    def test_new_files_of_a_pattern_are_found(self):
        self.write("a.log", line(0))
        process = self.start(str(self.folder / "*.log"))
        self.assertEqual(ids_of(self.next_line(process)), [0])
        self.write("b.log", line(1))
        self.assertEqual(ids_of(self.next_line(process)), [1])
        self.end(process)

    def test_files_of_several_formats_are_each_read_as_what_they_are(self):
        self.write("a.log", "plain id=0\n")
        self.write("b.log", '{"message":"of an object id=1"}\n')
        process = self.start("--from", "auto", "--to", "jsonl", str(self.folder / "*.log"))
        got = objects_of(self.next_line(process) + self.next_line(process))
        self.assertEqual({o["message"] for o in got}, {"plain id=0", "of an object id=1"})
        with open(self.folder / "a.log", "a") as f:
            f.write("plain id=2\n")
        self.assertEqual(json.loads(self.next_line(process))["message"], "plain id=2")
        self.end(process)

    def test_a_csv_that_grows_keeps_its_columns(self):
        data = self.write("a.csv", "id,log_message\n0,disk full\n")
        process = self.start("--from", "auto", data)
        self.assertTrue(self.next_line(process).startswith(b"id,log_message,target_label"))
        self.assertTrue(self.next_line(process).startswith(b"0,disk full,"))
        with open(data, "a") as f:
            f.write('1,"two\nlines"\n')
        self.assertEqual(self.next_line(process), b'1,"two\n')
        self.assertTrue(self.next_line(process).startswith(b'lines",'))
        self.end(process)

    def test_what_cannot_be_followed_is_refused(self):
        log = self.write("app.log", line(0))
        packed = self.write("app.gz", gzip.compress(line(0).encode()))
        os.mkfifo(self.folder / "pipe")
        for args, code, said in ((["-"], 2, b"needs files"), ([], 2, b"needs files"), ([log, "--out", "x"], 2, b"--state"),
                                 ([log, "--detect"], 2, b"watch"), ([log, "--llm-wait", "none"], 2, b"--llm-wait"),
                                 ([packed], 65, b"compressed"), (["pipe"], 65, b"pipe or device"),
                                 ([str(self.folder)], 74, b"name the files in it")):
            done = self.run_program("classify", "--llm", "off", "--follow", *args, timeout=20)
            self.assertEqual(done.returncode, code, (args, done.stderr))
            self.assertIn(said, done.stderr)
        self.assertEqual(self.run_program("classify", "--from-end", log).returncode, 2)

    def test_it_ends_quietly_when_its_reader_is_gone_though_nothing_comes(self):
        process = self.start(self.write("app.log", line(0)))
        self.next_line(process)
        process.stdout.close()
        self.assertEqual(process.wait(DEADLINE_S), 0)
        self.assertEqual(process.stderr.read(), b"")

    def test_its_own_output_is_no_input(self):
        self.write("app.jsonl", line(0))
        self.out = self.folder / "out.jsonl"
        process = self.start_kept(str(self.folder / "*.jsonl"))
        self.wait_for_lines(1)
        with open(self.folder / "app.jsonl", "a") as f:
            f.write(line(1))
        self.wait_for_lines(2)
        self.end(process)
        self.assert_all_in_order(2)

    def test_a_slow_reader_bounds_memory(self):
        with open(self.folder / "app.log", "w") as f:
            for i in range(1_500_000):
                f.write(line(i))
        process = self.start("app.log")
        self.next_line(process)
        time.sleep(2)  # nothing is waited for: it is how long nobody reads
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = int(next(row for row in status.splitlines() if row.startswith("VmHWM")).split()[1])
        if "san" not in PROGRAM:
            self.assertLess(peak, 400 * 1024)
        count = 1
        while count < 1_500_000:
            piece = os.read(process.stdout.fileno(), 1 << 20)
            self.assertTrue(piece, "the program has ended")
            count += piece.count(b"\n")
        self.assertEqual(count, 1_500_000)
        self.end(process)


class Rotation(Follow):
    def grow(self, first: int, lines: int) -> int:
        """Appends so many lines to app.log; the number of the next one."""
        with open(self.folder / "app.log", "a") as f:
            f.writelines(line(i) for i in range(first, first + lines))
        return first + lines

    def test_renamed_a_thousand_times_a_second(self):
        count = 1
        self.write("app.log", line(0))
        process = self.start_kept("app.log")
        self.wait_for_lines(1)
        for turn in range(1500):
            count = self.grow(count, 3)
            time.sleep(0.001)  # the rate is what is tested
            os.rename(self.folder / "app.log", self.folder / f"app.log.{turn:06d}")
        self.wait_for_lines(count)
        self.end(process)
        self.assert_ids(count)

    def test_names_that_move_on_as_logrotate_has_it(self):
        count = 1
        self.write("app.log", line(0))
        process = self.start_kept("app.log")
        self.wait_for_lines(1)
        for turn in range(60):
            count = self.grow(count, 50)
            time.sleep(0.01)  # as above
            for number in range(turn, 0, -1):
                os.rename(self.folder / f"app.log.{number}", self.folder / f"app.log.{number + 1}")
            os.rename(self.folder / "app.log", self.folder / "app.log.1")
        self.wait_for_lines(count)
        self.end(process)
        self.assert_ids(count)

    def test_cut_after_a_copy(self):
        log = Path(self.write("app.log", line(0)))
        process = self.start_kept(str(log))
        self.wait_for_lines(1)
        count = 1
        for turn in range(40):
            with open(log, "a") as f:
                for _ in range(50):
                    f.write(line(count))
                    count += 1
            time.sleep(0.03)  # sometimes it was read in between, sometimes not
            shutil.copyfile(log, f"{log}.{turn:04d}")
            os.truncate(log, 0)
        self.wait_for_lines(count)
        self.end(process)
        self.assert_ids(count)

    def test_rotated_and_packed_while_nobody_followed(self):
        log = Path(self.write("app.log", "".join(map(line, range(100)))))
        process = self.start_kept(str(log))
        self.wait_for_lines(100)
        self.end(process)
        with open(log, "a") as f:
            f.write("".join(map(line, range(100, 200))))
        (self.folder / "app.log.1.gz").write_bytes(gzip.compress(log.read_bytes()))
        log.unlink()
        log.write_text("".join(map(line, range(200, 300))))
        process = self.start_kept(str(log))
        self.wait_for_lines(300)
        self.assertNotIn(b"was removed", self.end(process))
        self.assert_all_in_order(300)

    def test_what_is_gone_for_good_is_told(self):
        log = Path(self.write("app.log", "".join(map(line, range(100)))))
        process = self.start_kept(str(log))
        self.wait_for_lines(100)
        self.end(process)
        log.unlink()
        process = self.start_kept(str(log))
        log.write_text(line(100))
        self.wait_for_lines(101)
        # The file system may have given the inode of the old file to the new one.
        self.assertRegex(self.end(process), b"app.log(: what followed byte| was cut or written anew)")


class Writer(threading.Thread):
    """Writes numbered lines to a file and rotates it now and then, so that no line is in no file at any moment."""

    def __init__(self, path: Path, first: int, count: int, way: str, seed: int):
        super().__init__()
        self.path, self.first, self.count, self.way, self.chance = path, first, count, way, random.Random(seed)

    def run(self):
        file = open(self.path, "a", buffering=1)
        for turn, i in enumerate(range(self.first + 1, self.first + self.count)):
            text = line(i)
            if self.chance.random() < 0.01:  # a line that comes in two pieces
                file.write(text[:7])
                file.flush()
                time.sleep(0.002)
                text = text[7:]
            file.write(text)
            if self.chance.random() < 0.02:
                time.sleep(self.chance.uniform(0, 0.02))
            if self.chance.random() < 0.01:  # many times a second
                if self.way == "rename":
                    os.rename(self.path, f"{self.path}.{turn:06d}")
                    file.close()
                    file = open(self.path, "a", buffering=1)
                else:
                    shutil.copyfile(self.path, f"{self.path}.{turn:06d}")
                    os.truncate(self.path, 0)
        file.close()


class Kills(Follow):
    def test_kills_while_files_are_written_and_rotated_lose_and_double_nothing(self):
        cycles = int(os.environ.get("LOGSIEVE_KILL_CYCLES", "12"))
        chance = random.Random(cycles)
        each, kills = 1500 * max(1, cycles // 4), 0
        ways = ["rename", "copy", "rename", "copy"]
        writers = [Writer(self.folder / f"{way}{n}.log", n * each, each, way, n) for n, way in enumerate(ways)]
        args = ["--durability", "none", str(self.folder / "*.log")]
        for writer in writers:
            writer.path.write_text(line(writer.first))
        process = self.start_kept(*args)
        self.wait_for_lines(len(writers))
        process.kill()
        process.wait()
        for writer in writers:
            writer.start()
        while kills < cycles:
            process = self.start_kept(*args)
            time.sleep(chance.uniform(0.05, 0.8))  # the moment of the kill
            self.assertIsNone(process.poll(), "it ended by itself")
            process.kill()
            process.wait()
            kills += 1
        for writer in writers:
            writer.join()
        process = self.start_kept(*args)
        self.wait_for_lines(len(writers) * each)
        said = self.end(process)
        self.assertNotIn(b"was removed", said)
        self.assert_ids(len(writers) * each)
        ids = ids_of(self.out.read_bytes())
        for n in range(len(writers)):
            own = [i for i in ids if i // each == n]
            self.assertEqual(len(own), each)

    def test_a_kill_at_every_step_of_a_commit_and_of_a_recovery(self):
        log = self.write("app.log", "".join(map(line, range(5000))))
        for step in ("commit.written", "commit.output_synced", "commit.recorded", "commit.done", "generation.write",
                     "generation.written", "recovery.read", "recovery.truncated"):
            shutil.rmtree(self.run_state, ignore_errors=True)
            self.out.unlink(missing_ok=True)
            self.rejects.unlink(missing_ok=True)
            process = self.start_kept(log, LOGSIEVE_FAILPOINT=f"{step}:1:kill")
            self.assertEqual(process.wait(DEADLINE_S), -signal.SIGKILL, step)
            process = self.start_kept(log)
            # What the killed run wrote and did not commit is cut off first: one more line tells that all is there again.
            with open(log, "a") as f:
                f.write(line(5000))
            self.wait_for(lambda: self.out.exists() and b"id=5000" in self.out.read_bytes(), "the last line")
            self.end(process)
            self.assert_all_in_order(5001)
            os.truncate(log, len("".join(map(line, range(5000)))))

    def test_a_full_disk_or_a_failed_sync_ends_it_and_the_next_run_goes_on(self):
        log = self.write("app.log", "".join(map(line, range(5000))))
        for failpoint, code in (("write:1:fail+", 74), ("output.sync:1:fail", 71), ("journal.sync:1:fail", 71)):
            shutil.rmtree(self.run_state, ignore_errors=True)
            self.out.unlink(missing_ok=True)
            self.rejects.unlink(missing_ok=True)
            process = self.start_kept(log, LOGSIEVE_FAILPOINT=failpoint)
            self.assertEqual(process.wait(DEADLINE_S), code, process.stderr.read())
            process = self.start_kept(log)
            # What the killed run wrote and did not commit is cut off first: one more line tells that all is there again.
            with open(log, "a") as f:
                f.write(line(5000))
            self.wait_for(lambda: self.out.exists() and b"id=5000" in self.out.read_bytes(), "the last line")
            self.end(process)
            self.assert_all_in_order(5001)
            os.truncate(log, len("".join(map(line, range(5000)))))

    def test_a_poison_record_goes_to_the_rejects_and_all_others_are_classified(self):
        lines = [line(i) for i in range(3000)]
        lines[1234] = "swallow p01s0n now id=1234\n"
        log = self.write("app.log", "".join(lines))
        poison = {"LOGSIEVE_FAILPOINT": "cascade.record:p01s0n:abort"}
        for _ in range(12):
            process = self.start_kept(log, **poison)
            try:
                self.wait_for(lambda: process.poll() is not None or self.lines_out() >= 2999, "its end, or all lines")
            finally:
                if process.poll() is None:
                    break
        self.end(process)
        self.assertEqual([r["line"] for r in objects_of(self.rejects.read_bytes())], [1235])
        self.assertEqual(ids_of(self.out.read_bytes()), [i for i in range(3000) if i != 1234])

    def test_another_command_on_the_same_state_is_refused(self):
        log = self.write("app.log", line(0))
        process = self.start_kept(log)
        self.wait_for_lines(1)
        second = self.start_kept(log)
        self.assertEqual(second.wait(DEADLINE_S), 78)
        self.end(process)
        done = self.run_program("classify", "--llm", "off", "--from", "text", log, "--out", str(self.out), "--rejects",
                                str(self.rejects), "--state", str(self.run_state))
        self.assertEqual(done.returncode, 78, done.stderr)


class ManyFiles(Follow):
    """LOGSIEVE_FOLLOW_FILES (default 10,000) is how many; 10,000 of them grow."""
    FILES = int(os.environ.get("LOGSIEVE_FOLLOW_FILES", "10000"))

    def test_busy_files_have_equal_shares_while_all_wait_to_be_read(self):
        rest = "x" * 480
        lines = 4 * (1 << 20) // 500  # four turns of each
        files = 8
        for n in range(files):
            with open(self.folder / f"{n}.log", "w") as log:
                log.writelines(f"{rest} id={n * lines + i}\n" for i in range(lines))
        process = self.start_kept("*.log")
        self.wait_for_lines(files * lines)
        self.end(process)
        done = [0] * files
        turn = (1 << 20) // len(rest)
        for i in ids_of(self.out.read_bytes()):
            done[i // lines] += 1
            self.assertLessEqual(max(done), 2 * min(done) + turn, done)
        self.assertEqual(done, [lines] * files)

    def test_ten_thousand_files_with_few_descriptors(self):
        logs = self.folder / "logs"
        logs.mkdir()
        count = 0
        for n in range(self.FILES):
            (logs / f"{n}.log").write_text(line(count))
            count += 1

        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
        process = subprocess.Popen([PROGRAM, "classify", "--llm", "off", "--from", "text", "--follow", str(logs / "*.log"),
                                    "--out", str(self.out), "--state", str(self.run_state)], preexec_fn=few,
                                   env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        self.wait_for_lines(count)
        for n in range(0, self.FILES, max(1, self.FILES // 10_000)):
            with open(logs / f"{n}.log", "a") as f:
                f.write(line(count))
                count += 1
        self.wait_for_lines(count)
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = int(next(row for row in status.splitlines() if row.startswith("VmHWM")).split()[1])
        self.assertLessEqual(len(os.listdir(f"/proc/{process.pid}/fd")), 1024)
        if "san" not in PROGRAM:
            self.assertLess(peak, 400 * 1024)
        self.end(process)
        self.assert_ids(count)


if __name__ == "__main__":
    main()
