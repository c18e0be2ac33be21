#!/usr/bin/env python3
"""classify as a filter under other programs: one line in, one line out, at once, and nothing else."""
import csv
import io
import subprocess
import sys
import unittest

from harness import PROGRAM, ROOT, EndToEnd, environment, main, objects_of

LINES = [b"disk sda1 failed", b"", b"job 7 finished in 3 ms", b"\xff\xfe not UTF-8 \x00", b"=1+2"]


class Filter(EndToEnd):
    def test_each_line_is_answered_before_the_next_one_comes(self):
        child = subprocess.Popen([PROGRAM, "classify", "-", "--from", "text", "--llm", "off", "--unbuffered"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
        for number, line in enumerate(LINES * 20, 1):
            child.stdin.write(line + b"\n")
            child.stdin.flush()
            answer = objects_of(child.stdout.readline())
            self.assertEqual([a["line"] for a in answer], [number])
        child.stdin.close()
        self.assertEqual(child.stdout.read(), b"")
        self.assertEqual(child.stderr.read(), b"", "no banner")
        self.assertEqual(child.wait(30), 0)
        child.stdout.close()
        child.stderr.close()

    def test_tab_separated_without_a_header_has_a_line_a_line(self):
        out = self.classify("-", "--from", "text", "--to", "tsv", "--no-header", "--unbuffered",
                            stdin=b"\n".join(LINES) + b"\n").stdout
        self.assertEqual(out.count(b"\n"), len(LINES))
        self.assertTrue(out.startswith(b"1\tdisk sda1 failed\t"), out)

    def test_what_cannot_be_read_has_its_line_too(self):
        lines = [b"{bad", b'{"message":"disk sda1 failed"}', b'{"message":null}', b"", b'{"message":"x"}', b"[1]"]
        answers = self.answers_to(lines, "--from", "jsonl")
        for i in (0, 2, 3, 5):
            self.assertEqual([answers[i][key] for key in ("line", "message", "target_label", "confidence", "tier")],
                             [i + 1, lines[i].decode(), "Unclassified", 0, "none"])
            self.assertTrue(answers[i]["reject_reason"], answers[i])
        self.assertEqual([answers[1]["message"], answers[4]["message"]], ["disk sda1 failed", "x"])
        rejects = self.folder / "rejects.jsonl"
        self.answers_to(lines, "--from", "jsonl", "--rejects", str(rejects))
        self.assertEqual([reject["line"] for reject in objects_of(rejects.read_bytes())], [1, 3, 4, 6])

    def test_rejects_stand_in_their_places_among_many_records(self):
        lines = [b"{bad" if i % 7 in (0, 6) else b'{"message":"job %d finished","line":%d}' % (i, i + 1) for i in range(5000)]
        answers = self.answers_to(lines, "--from", "jsonl")
        self.assertEqual([answer["line"] for answer in answers], list(range(1, 5001)))

    def test_rejects_in_tables_keep_the_columns(self):
        table = [b"service,message", b"a,disk sda1 failed", b'b,"one",too,many', b"c,disk sda2 failed"]
        for to in ("csv", "tsv"):
            out = self.classify("-", "--from", "csv", "--to", to, "--unbuffered", stdin=b"\n".join(table) + b"\n").stdout
            rows = list(csv.DictReader(io.StringIO(out.decode(), newline=""), delimiter="\t" if to == "tsv" else ","))
            self.assertEqual([row["message"] for row in rows], ["disk sda1 failed", 'b,"one",too,many', "disk sda2 failed"])
            self.assertEqual([rows[1]["service"], rows[1]["target_label"], rows[1]["tier"]], ["", "Unclassified", "none"])
        out = self.classify("-", "--from", "jsonl", "--to", "tsv", "--no-header", "--unbuffered", stdin=b"{bad\n").stdout
        self.assertEqual(out, b"1\t{bad\tUnclassified\t0.0000\tnone\t\t\n")

    def test_a_line_over_the_limit_has_a_bounded_line(self):
        lines = [b"before", b"x" * (17 << 20), b"disk sda1 failed"]
        answers = self.answers_to(lines)
        self.assertEqual([answer["line"] for answer in answers], [1, 2, 3])
        self.assertEqual(answers[1]["message"], "x" * (64 << 10))
        self.assertEqual(answers[1]["target_label"], "Unclassified")
        self.assertIn("limit", answers[1]["reject_reason"])

    def test_the_first_line_does_not_tell_the_format(self):
        lines = [b"message,source", b"disk sda1 failed,b", b'{"message":"x"}']
        self.assertEqual([answer["message"] for answer in self.answers_to(lines)], [line.decode() for line in lines])

    def answers_to(self, lines: list[bytes], *args: str) -> list[dict]:
        """One each."""
        answers = objects_of(self.classify("-", "--unbuffered", *args, stdin=b"\n".join(lines) + b"\n").stdout)
        self.assertEqual(len(answers), len(lines))
        return answers

    def test_guarded_formulas_are_undone_exactly(self):
        cells = ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "'=1", "''=1", "'x", "plain, \"quoted\"\n2nd"]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["log_message", "note"])
        writer.writerows([[f"disk {i} failed", cell] for i, cell in enumerate(cells)])
        out = self.classify(self.write("in.csv", text.getvalue()), "--guard-formulas").stdout.decode()
        notes = [row["note"] for row in csv.DictReader(io.StringIO(out, newline=""))]
        for note in notes:
            self.assertNotIn(note[0], "=+-@\t\r")
        undone = [n[1:] if n.startswith("'") and n.lstrip("'")[:1] in tuple("=+-@\t\r") else n for n in notes]
        self.assertEqual(undone, cells)


class ClickHouse(EndToEnd):
    """A real one, inside a Python process: ./dev test fetches it."""
    MODULE = ROOT / "build/clickhouse/chdb"

    @unittest.skipUnless(MODULE.is_dir(), "no ClickHouse here: ./dev test fetches it, unless the package registry is out of reach")
    def test_an_executable_function_classifies_a_column(self):
        self.write("classify_function.xml", f"""<functions><function><type>executable</type><name>log_label</name>
          <return_type>String</return_type><argument><type>String</type><name>line</name></argument>
          <format>TabSeparated</format><execute_direct>0</execute_direct>
          <command>{PROGRAM} classify - --from text --to tsv --no-header --unbuffered --llm off | cut -f 3</command>
          </function></functions>""")
        sql = """SELECT number, log_label(concat(['disk sda', 'User User'][number % 2 + 1], toString(number),
                 [' failed', ' logged in.'][number % 2 + 1])) AS label FROM numbers(1000) ORDER BY number"""
        script = ("import sys\n"
                  "sys.path.insert(0, sys.argv[1])\n"
                  "import _chdb\n"
                  "sys.stdout.buffer.write(_chdb.query(sys.argv[2], 'TSV', udf_path=sys.argv[3]).bytes())\n")
        done = subprocess.run([sys.executable, "-c", script, str(self.MODULE), sql, str(self.folder)], capture_output=True,
                              env=environment(), timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        rows = [row.split("\t") for row in done.stdout.decode().splitlines()]
        alone = objects_of(self.classify("-", "--from", "text", stdin=b"disk sda0 failed\nUser User1 logged in.\n").stdout)
        labels = [answer["target_label"] for answer in alone]
        self.assertNotEqual(labels[0], labels[1])
        self.assertEqual(rows, [[str(i), labels[i % 2]] for i in range(1000)])


if __name__ == "__main__":
    main()
