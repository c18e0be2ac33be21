#!/usr/bin/env python3
"""tokenize, end to end: one JSON line of ids a record, in order, equal to the reference; limits and messages."""
import json
import unittest
from pathlib import Path

from harness import ENCODER_DIR, SHARED, EndToEnd, main, objects_of

GOLDEN = SHARED / "golden/tokenizer.jsonl"


@unittest.skipUnless((Path(ENCODER_DIR) / "vocab.txt").exists(), f"no encoder in {ENCODER_DIR}")
class Tokenize(EndToEnd):
    def tokenize(self, *args: str, stdin: bytes = b"", code: int = 0):
        done = self.run_program("tokenize", *args, stdin=stdin)
        self.assertEqual(done.returncode, code, done.stderr.decode("utf-8", "replace"))
        return done

    def ids(self, *args: str, stdin: bytes = b"") -> list[list[int]]:
        done = self.tokenize(*args, stdin=stdin)
        self.assertEqual(done.stderr, b"")
        objects = objects_of(done.stdout)
        for one in objects:
            self.assertEqual(list(one), ["ids"])
        return [one["ids"] for one in objects]

    @unittest.skipUnless(GOLDEN.exists(), f"no reference data in {GOLDEN}")
    def test_every_golden_case(self):
        cases = objects_of(GOLDEN.read_bytes())
        self.assertGreater(len(cases), 5000)
        data = self.write("golden.jsonl", "".join(json.dumps({"text": case["text"]}) + "\n" for case in cases))
        for case, got in zip(cases, self.ids("--from", "jsonl", data), strict=True):
            self.assertEqual(got, case["ids"], case["text"])

    def test_text_is_one_record_a_line_from_a_file_or_stdin(self):
        lines = b"user login\r\n\nuser login"
        expected = [[101, 5310, 8833, 2378, 102], [101, 102], [101, 5310, 8833, 2378, 102]]
        self.assertEqual(self.ids(self.write("a.log", lines)), expected)
        self.assertEqual(self.ids(stdin=lines), expected)
        self.assertEqual(self.ids("-", stdin=lines), expected)
        self.assertEqual(self.ids(stdin=b""), [])

    def test_jsonl_reads_the_text_field_alone(self):
        data = '{"message":"disk","text":"user","id":1}\n\n{"text":"\\u0075s\\u00e9r"}\n'
        self.assertEqual(self.ids("--from", "jsonl", stdin=data.encode()), [[101, 5310, 102], [101, 5310, 102]])

    def test_long_and_broken_input(self):
        text = b"word " * 100000 + b"\n" + b"x" * 5000000 + b"\n\xff\xc3us\xe4\xb8er\x00\n[SEP][CLS]\n"
        long, one, broken, special = self.ids(stdin=text)
        self.assertEqual((len(long), long[0], long[-1], set(long[1:-1])), (256, 101, 102, {2773}))
        self.assertEqual(one, [101, 100, 102])
        self.assertEqual(broken, [101, 5310, 102])
        self.assertEqual(special, [101, 102, 101, 102])

    def test_a_bad_record_ends_the_run_after_what_came_before_it(self):
        data = self.write("bad.jsonl", '{"text":"user"}\n{"text":"user"}\n{"message":"user"}\n{"text":"user"}\n')
        done = self.tokenize("--from", "jsonl", data, code=65)
        self.assertEqual(objects_of(done.stdout), [{"ids": [101, 5310, 102]}] * 2)
        told = done.stderr.decode()
        self.assertTrue(told.startswith("error: "), told)
        self.assertIn("bad.jsonl:3", told)
        self.assertIn("help: ", told)

    def test_out_writes_a_file_and_nothing_else(self):
        done = self.tokenize("--out", "ids.jsonl", self.write("a.log", "user\n"))
        self.assertEqual((done.stdout, done.stderr), (b"", b""))
        self.assertEqual((self.folder / "ids.jsonl").read_bytes(), b'{"ids":[101,5310,102]}\n')

    def test_what_is_missing_is_named(self):
        self.assertIn(b"nowhere.log", self.tokenize("nowhere.log", code=74).stderr)
        told = self.tokenize("--encoder-dir", "no-encoder", code=78).stderr
        self.assertIn(b"no-encoder/config.json", told)
        self.assertIn(b"LOGSIEVE_ENCODER_DIR", told)
        self.tokenize("--from", "xml", code=2)


if __name__ == "__main__":
    main()
