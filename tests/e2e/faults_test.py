#!/usr/bin/env python3
"""Bad input and bad places: a clear error, the right exit code, nothing half-written, no record lost."""
import gzip
import json
import os
import resource
import shutil
import subprocess
import unittest
from pathlib import Path

from harness import ENCODER_DIR, MODEL, PROGRAM, EndToEnd, environment, main, objects_of, rows_of

CSV = "log_message,source\n"


class BadInput(EndToEnd):
    def fails(self, *args: str, code: int, says: list[str], stdin: bytes = b"", **env: str):
        done = self.run_program(*args, stdin=stdin, **({"LOGSIEVE_LLM": "off"} | env))
        text = done.stderr.decode("utf-8", "replace")
        self.assertEqual(done.returncode, code, text)
        self.assertTrue(text.startswith("error: "), text)
        for part in says:
            self.assertIn(part, text)
        return done

    def test_missing_column_lists_those_that_are_there(self):
        data = self.write("a.csv", "when,what\n1,disk full\n")
        self.fails("classify", "--from", "csv", data, code=65, says=["what", "--message-column"])
        self.assertEqual(len(rows_of(self.classify("--message-column", "what", data).stdout)), 1)

    def test_empty_file_and_header_only(self):
        self.fails("classify", "--from", "csv", self.write("e.csv", ""), code=65, says=["e.csv"])
        self.assertEqual(rows_of(self.classify(self.write("h.csv", CSV)).stdout), [])

    def test_files_that_are_not_there_or_must_not_be_read(self):
        self.write("app.log", "disk failed\n")
        self.fails("classify", "nowhere.csv", code=74, says=["nowhere.csv", "help: check its name"])
        self.fails("classify", "ap.log", code=74, says=["help: did you mean app.log?"])
        self.fails("classify", "*.csv", code=74, says=["no file matches *.csv", "help: check the pattern"])
        if os.geteuid() != 0:
            (self.folder / "app.log").chmod(0)
            self.fails("classify", "app.log", code=74, says=["Permission denied", "help: make it readable"])

    def test_ragged_rows_are_told_and_kept_with_their_place(self):
        data = self.write("r.csv", CSV + "disk full,a\nonly one field\ntoo,many,fields\nfan failed,b\n")
        rejects = self.folder / "rejects.jsonl"
        done = self.classify(data, "--rejects", str(rejects))
        answered = len(rows_of(done.stdout))
        kept = objects_of(rejects.read_bytes())
        self.assertEqual(answered + len(kept), 4)
        for reject in kept:
            self.assertEqual(reject["line"], 4)
            self.assertTrue(reject["reason"])
            self.assertEqual(reject["record"], "too,many,fields")
        self.assertEqual(len(kept), 1)
        self.assertIn(b"only one field,,", done.stdout)
        self.fails("classify", "--strict", data, code=65, says=["r.csv:4"])

    def test_an_open_quote_at_the_end(self):
        data = self.write("q.csv", CSV + 'disk full,a\n"never closed,b\nfan failed,c\n')
        rejects = self.folder / "rejects.jsonl"
        done = self.classify(data, "--rejects", str(rejects))
        self.assertIn(b"q.csv:3", done.stderr)
        records = len(rows_of(done.stdout)) + len(objects_of(rejects.read_bytes()))
        self.assertGreaterEqual(records, 2)
        self.assertIn(b"never closed", done.stdout + rejects.read_bytes())
        self.assertIn(b"fan failed", done.stdout + rejects.read_bytes())

    def test_bom_crlf_nul_and_invalid_utf8_are_lines_like_others(self):
        data = self.write("b.csv", b"\xef\xbb\xbflog_message,source\r\ndisk full,a\r\nnul \x00 byte,b\r\nlatin \xe9 \xff,c\r\n")
        out = self.classify(data).stdout
        self.assertEqual(out.count(b"\n"), 4)
        self.assertIn(b"nul \x00 byte,b,", out)
        self.assertIn(b"latin \xe9 \xff,c,", out)
        jsonl = self.classify("--to", "jsonl", data).stdout
        self.assertEqual([o["log_message"] for o in objects_of(jsonl)],
                         ["disk full", "nul \x00 byte", "latin \ufffd \ufffd"])

    def test_bad_json_lines_are_kept_with_their_reason(self):
        data = self.write("j.jsonl", b'{"message":"ok"}\n{"message":\n[1]\n{"other":1}\n' + b"[" * 5000 + b'\n{"message":"ok"}\n')
        rejects = self.folder / "rejects.jsonl"
        done = self.classify("--from", "jsonl", data, "--rejects", str(rejects))
        self.assertEqual(len(objects_of(done.stdout)), 2)
        self.assertEqual([o["line"] for o in objects_of(rejects.read_bytes())], [2, 3, 4, 5])

    def test_a_100_mb_line_costs_no_memory_and_the_next_one_is_answered(self):
        data = self.folder / "long.log"
        with open(data, "wb") as file:
            file.write(b"before\n")
            for _ in range(100):
                file.write(b"x" * (1 << 20))
            file.write(b"\nafter\n")
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        done = self.classify("--from", "text", str(data), "--rejects", "rejects.jsonl")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertEqual([o["message"] for o in objects_of(done.stdout)], ["before", "after"])
        self.assertEqual(objects_of((self.folder / "rejects.jsonl").read_bytes())[0]["line"], 2)
        if "san" not in PROGRAM and peak > before:
            self.assertLess(peak, 400 * 1024)

    def test_unwritable_places_leave_nothing_behind(self):
        data = self.write("a.csv", CSV + "disk full,a\n")
        self.fails("classify", data, "--llm", "off", "--out", "/nowhere/out.csv", code=74, says=["/nowhere/out.csv", "help: make its folder first"])
        self.fails("classify", data, "--llm", "off", "--out", "/dev/full", code=74, says=["/dev/full", "No space left"])
        self.fails("classify", data, "--llm", "off", "--out", str(self.folder), code=74, says=["help: name a file in it"])
        self.assertEqual([p.name for p in self.folder.iterdir()], ["a.csv"])

    def test_a_failed_run_keeps_the_older_output(self):
        (self.folder / "out.csv").write_text("old\n")
        data = self.write("r.csv", CSV + "disk full,a\none,two,three\n")
        done = self.run_program("classify", "--llm", "off", "--strict", data, "--out", "out.csv")
        self.assertEqual(done.returncode, 65)
        self.assertEqual((self.folder / "out.csv").read_text(), "old\n")
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["out.csv", "r.csv"])


    def test_an_input_is_never_an_output(self):
        log = self.write("a.log", b"service started\n" * 10)
        before = Path(log).read_bytes()
        link = self.folder / "link.log"
        link.symlink_to(log)
        for args in (["--out", log], ["--rejects", log], ["--out", str(link)], ["--out", "o", "--rejects", "./o"]):
            done = self.run_program("classify", "--llm", "off", log, *args)
            self.assertEqual(done.returncode, 2, (args, done.stderr))
            self.assertEqual(Path(log).read_bytes(), before)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["a.log", "link.log"])
        with open(log, "ab") as appended:
            done = subprocess.run([PROGRAM, "classify", "--llm", "off", log], stdout=appended, stderr=subprocess.PIPE,
                                  env=environment(), timeout=60, check=False)
        self.assertEqual(done.returncode, 2, "it would read what it writes, for ever")
        self.assertEqual(Path(log).read_bytes(), before)

    def test_what_was_classified_before_a_fault_comes_out(self):
        good = self.write("a.log", b"service started\n" * 10)
        done = self.run_program("classify", "--llm", "off", good, "nowhere.log")
        self.assertEqual(done.returncode, 74)
        self.assertEqual(done.stdout, b"", "told before anything is read")
        packed = gzip.compress(b"service started\n" * 10) + b"junk"
        done = self.run_program("classify", "--llm", "off", self.write("a.gz", packed))
        self.assertEqual(done.returncode, 65)
        self.assertEqual(len(done.stdout.splitlines()), 10)

    def test_a_full_stdout_is_told_by_every_command(self):
        for args in (["explain", "disk full"], ["--help"], ["--version"], ["doctor", "--llm", "off"]):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([PROGRAM, *args], stdout=full, stderr=subprocess.PIPE, env=environment(),
                                      timeout=60, check=False)
            self.assertEqual(done.returncode, 74, (args, done.stderr))
            self.assertIn(b"No space left", done.stderr)

    def test_training_does_not_replace_a_folder_that_is_no_bundle(self):
        (self.folder / "precious").mkdir()
        (self.folder / "precious/thesis.txt").write_text("ten years")
        data = self.write("d.csv", "log_message,target_label\ndisk gone,Error\nall fine,Fine\n")
        self.fails("train", data, "--out", "precious", code=74, says=["precious"])
        self.assertEqual((self.folder / "precious/thesis.txt").read_text(), "ten years")


class BadModels(EndToEnd):
    def copy_of(self, folder: str, name: str) -> Path:
        target = self.folder / name
        shutil.copytree(folder, target)
        return target

    def test_one_flipped_bit_in_any_file_of_the_bundle(self):
        line = b"disk full\n"
        for file in ("manifest.json", "manifest.sha256", "head.safetensors", "prototypes.safetensors", "forms.jsonl",
                     "rules.yaml"):
            model = self.copy_of(MODEL, "m_" + file)
            content = bytearray((model / file).read_bytes())
            content[len(content) // 2] ^= 1
            (model / file).write_bytes(content)
            done = self.run_program("classify", "--llm", "off", "--model", str(model), "--from", "text", "-", stdin=line)
            self.assertEqual(done.returncode, 78)
            self.assertIn(file.split(".")[0].encode(), done.stderr)
            self.assertEqual(done.stdout, b"")

    def test_damaged_weights(self):
        for name, damage in (("cut", lambda b: b[: len(b) // 2]), ("nan", lambda b: b[:-4] + b"\xff\xff\xff\x7f"),
                             ("empty", lambda b: b""), ("other", lambda b: b[:-4] + b"\x00\x00\x00\x00")):
            folder = self.folder / name
            folder.mkdir()
            for part in Path(ENCODER_DIR).iterdir():
                if part.name != "model.safetensors":
                    os.symlink(part.resolve(), folder / part.name)
            weights = (Path(ENCODER_DIR) / "model.safetensors").read_bytes()
            (folder / "model.safetensors").write_bytes(damage(weights))
            done = self.run_program("classify", "--llm", "off", "--encoder-dir", str(folder), "--from", "text", "-", stdin=b"x\n")
            self.assertEqual(done.returncode, 78, (name, done.stderr))
            self.assertTrue(done.stderr.startswith(b"error: "), done.stderr)

    def test_ten_errors_of_a_rule_book_are_told_at_once(self):
        book = self.write("rules.yaml", """rules:
  - {name: a, label: Error, pattern: 'x(', match: [x]}
  - {name: b, label: Error, pattern: 'foo', match: [bar]}
  - {name: c, label: Error, pattern: 'foo', match: [foo], no_match: [foobar]}
  - {name: c, label: Error, pattern: 'baz', match: [baz]}
  - {name: d, label: Error, pattern: '(?=x)y', match: [y]}
  - {name: e, label: Error, pattern: 'qux'}
  - {label: Error, pattern: 'quux', match: [quux]}
  - {name: f, pattern: 'corge', match: [corge]}
  - {name: g, label: Error, match: [g]}
  - {name: h, label: Error, pattern: 'grault', match: [grault], prority: 3}
""")
        data = self.write("d.csv", "log_message,target_label\nab,Error\ncd,Fine\n")
        done = self.run_program("train", data, "--rules", book, "--out", "model")
        text = done.stderr.decode()
        self.assertEqual(done.returncode, 78, text)
        self.assertGreaterEqual(text.count("error: "), 10, text)
        for line in range(2, 12):
            self.assertIn(f"rules.yaml:{line}:", text)
        self.assertFalse((self.folder / "model").exists())

    def test_a_key_file_that_others_can_read_is_warned_of(self):
        key = Path(self.write("key", "gsk_secret_1\n"))
        key.chmod(0o644)
        done = self.run_program("classify", "--llm-base-url", "http://127.0.0.1:9/v1", "--llm-key-file", str(key),
                                "--from", "text", "-", stdin=b"service started\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(str(key).encode(), done.stderr)
        self.assertNotIn(b"gsk_secret", done.stderr + done.stdout)


if __name__ == "__main__":
    main()
