#!/usr/bin/env python3
"""discover and rules check, end to end: rules with proofs, drafts for logs without labels, faults of a book, certificates."""
import csv
import json
import re
import unittest

from harness import SHARED, EndToEnd, main

SEED_FAMILY = SHARED / "data/seed_family/logs.csv"


def small_data(folder) -> str:
    """Sixty lines of three labels, some of them with names that vary."""
    names = "anna bob carla dora emil fritz gina hanna ivan jan karl lena".split()
    rows = [(f"session of {name} was closed after {i} minutes", "User Action") for i, name in enumerate(names)]
    rows += [(f"disk {i} reports {i * 3} unreadable sectors", "Critical Error") for i in range(20)]
    rows += [(f"mail to user{i}@example.org was delivered", "System Notification") for i in range(20)]
    rows += [("the cellar is under water", "Critical Error"), ("coffee is ready", "System Notification")]
    with open(folder / "small.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["log_message", "target_label"])
        writer.writerows(rows)
    return str(folder / "small.csv")


class Discover(EndToEnd):
    def run_ok(self, *args: str) -> str:
        done = self.run_program(*args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def test_rules_are_proved_and_the_same_on_any_number_of_threads(self):
        data = small_data(self.folder)
        book = self.run_ok("discover", data, "--threads", "1")
        self.assertEqual(book, self.run_ok("discover", data, "--threads", "2"))
        self.assertEqual(book.count("- name:"), 3)
        self.assertIn("messages: 20", book)
        self.assertIn(r"disk (?P<number1>\d+) reports (?P<number2>\d+) unreadable sectors", book)
        self.assertIn("session of (?P<word1>[a-z]{1,10}) was closed", book)
        self.assertNotIn("coffee", book)

    def test_a_discovered_book_passes_its_own_check(self):
        data = small_data(self.folder)
        self.run_ok("discover", data, "--out", "book.yaml")
        self.assertEqual(self.run_ok("rules", "check", "book.yaml", data), "")

    def test_check_names_faults_with_a_sample(self):
        data = small_data(self.folder)
        self.run_ok("discover", data, "--out", "book.yaml")
        with open(self.folder / "book.yaml", "a", encoding="utf-8") as file:
            file.write("  - {name: mine, label: Error, pattern: '^disk \\d+ reports', match: disk 1 reports nothing}\n")
        done = self.run_program("rules", "check", "book.yaml", "--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        finding = json.loads(done.stdout.splitlines()[0])
        self.assertEqual((finding["kind"], finding["rule"]), ("contradicts", "mine"))
        self.assertRegex(finding["sample"], r"^disk \d+ reports \d+ unreadable sectors$")

    def test_a_draft_asks_for_labels_biggest_first(self):
        lines = [f"job {i} finished in {i * 7} ms" for i in range(30)]
        lines += [f"worker {i} lost its lease on shard {i}" for i in range(9)]
        (self.folder / "app.log").write_text("\n".join(lines) + "\n")
        self.run_ok("discover", "app.log", "--unlabelled", "--out", "draft.yaml")
        draft = (self.folder / "draft.yaml").read_text()
        sizes = [int(size) for size in re.findall(r"# (\d+) lines, ", draft)]
        self.assertEqual(sizes, [30, 9])
        refused = self.run_program("train", small_data(self.folder), "--rules", "draft.yaml", "--out", "bundle")
        self.assertEqual(refused.returncode, 78)
        self.assertIn(b"has an empty label, as 1 more rule has", refused.stderr)
        self.assertIn(b"logsieve rules check DRAFT LOGS --unlabelled --out BOOK", refused.stderr)
        (self.folder / "draft.yaml").write_text(draft.replace("label: ''", "label: 'Jobs'"))
        self.run_ok("rules", "check", "draft.yaml")

    def test_train_puts_discovered_rules_into_the_bundle(self):
        data = small_data(self.folder)
        self.run_ok("train", data, "--out", "bundle")
        done = self.run_program("classify", "-", "--model", "bundle", "--llm", "off", "--from", "text", "--to", "jsonl",
                                stdin=b"disk 977 reports 4 unreadable sectors\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        verdict = json.loads(done.stdout)
        self.assertEqual((verdict["target_label"], verdict["tier"]), ("Critical Error", "rule"))
        self.run_ok("train", data, "--out", "plain", "--no-discover")
        self.assertIn("rules: []", (self.folder / "plain/rules.yaml").read_text())

    def label(self, draft: str, labels: dict, book: str):
        """Fills in the labels of the rules whose pattern holds a text; the others stay without."""
        out = []
        for rule in re.split(r"(?m)^(?=  (?:#|- name:))", (self.folder / draft).read_text()):
            for text, label in labels.items():
                if re.search("pattern: .*" + text, rule):
                    rule = rule.replace("label: ''", f"label: '{label}'")
            out.append(rule)
        (self.folder / book).write_text("".join(out))

    def write_app_log(self):
        lines = [f"2031-02-03 10:11:{i:02} job {i} finished in {i * 7} ms" for i in range(30)]
        lines += [f"2031-02-03 10:12:{i:02} worker {i} lost its lease on shard {i}" for i in range(9)]
        lines += [f"2031-02-03 10:13:{i:02} cache of tenant {i} was warmed" for i in range(5)]
        (self.folder / "app.log").write_text("\n".join(lines) + "\n")

    def test_a_draft_that_is_labelled_in_part_becomes_a_proved_book(self):
        self.write_app_log()
        done = self.run_program("discover", "app.log", "--unlabelled", "--from", "text", "--out", "draft.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        command = b"logsieve rules check draft.yaml app.log --unlabelled --from text --out BOOK"
        self.assertIn(b"then: " + command, done.stderr)
        self.assertIn(b"#   " + command + b"\n", (self.folder / "draft.yaml").read_bytes())
        self.assertNotIn(b"purity", done.stderr)
        self.label("draft.yaml", {"finished in": "Jobs", "lost its lease": "Faults"}, "part.yaml")
        done = self.run_program("rules", "check", "part.yaml", "app.log", "--unlabelled", "--out", "rules.yaml")
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        self.assertIn(b"left out: 1 rule without a label", done.stderr)
        self.assertIn(b"rules decide 39 of 44 lines; the label of the others is unknown", done.stderr)
        self.assertIn(b"2 of 2 rules proved", done.stderr)
        book = (self.folder / "rules.yaml").read_text()
        for line in ("messages: 30", "other_messages: 9", "held_out: 0", "precision_bound: 0.8864", "labelled_by: book",
                     "until: '2031-02-03 10:12:08'", "job 0x finished"):
            self.assertIn(line, book)
        self.assertNotIn("warmed", book)
        self.run_ok("rules", "check", "part.yaml", "app.log", "--unlabelled", "--out", "again.yaml")
        self.assertEqual((self.folder / "again.yaml").read_text(), book)
        # What was proved passes its own check, and a second proof changes nothing.
        self.assertEqual(self.run_ok("rules", "check", "rules.yaml", "app.log", "--unlabelled", "--out", "again.yaml"), "")
        self.assertEqual((self.folder / "again.yaml").read_text(), book)
        self.run_ok("train", small_data(self.folder), "--rules", "rules.yaml", "--no-discover", "--out", "bundle")
        done = self.classify("-", "--model", "bundle", "--from", "text", "--to", "jsonl",
                             stdin=b"2031-05-06 07:08:09 worker 977 lost its lease on shard 4\n"
                                   b"2031-05-06 07:08:09 cache of tenant 5 was warmed\n")
        verdicts = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual((verdicts[0]["target_label"], verdicts[0]["tier"]), ("Faults", "rule"))
        self.assertNotEqual(verdicts[1]["tier"], "rule")

    def test_a_wrong_label_is_found_where_rules_meet(self):
        self.write_app_log()
        self.run_ok("discover", "app.log", "--unlabelled", "--out", "draft.yaml")
        self.label("draft.yaml", {"finished in": "Jobs"}, "part.yaml")
        with open(self.folder / "part.yaml", "a", encoding="utf-8") as file:
            file.write("  - {name: mine, label: Wrong, pattern: '^2031-02-03 [0-9:]+ job (?P<n>\\d+) finished in [0-9]+ ms$',\n"
                       "     match: 2031-02-03 10:11:01 job 1 finished in 7 ms}\n"
                       "  - {name: short, label: Other, pattern: '^lamp (?P<n>\\d+)$', match: lamp 3}\n"
                       "  - {name: loose, label: Faults, pattern: 'worker (?P<n>\\d+) lost its lease', match: worker 3 lost its lease}\n")
        done = self.run_program("rules", "check", "part.yaml", "app.log", "--unlabelled", "--out", "rules.yaml", "--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        findings = [json.loads(line) for line in done.stdout.splitlines()]
        found = {(f["kind"], f["rule"]): f for f in findings}
        self.assertEqual({f["rule"] for f in findings if f["kind"] == "not proved"} - {"mine", "short", "loose"},
                         {found["contradicts", "mine"]["other"]})
        self.assertTrue(found["contradicts", "mine"]["grave"])
        self.assertEqual(found["not proved", "mine"]["detail"], "a text fits it and a rule of another label")
        self.assertIn("fewer than 8 letters", found["not proved", "short"]["detail"])
        self.assertNotIn("certificate", (self.folder / "rules.yaml").read_text())
        text = self.run_program("rules", "check", "part.yaml", "app.log", "--unlabelled", "--out", "rules.yaml").stdout
        self.assertIn(b'note: rule "short" is not proved: fewer than 8 letters', text)
        self.assertIn(b"  help: give the one that should win a higher priority", text)
        self.assertIn(b'note: rule "loose" is not proved: matches a near miss\n'
                      b"  sample: worker 3 lost its lease not\n  help: anchor it, ^...$", text)

    def test_lines_of_another_label_take_a_certificate_back(self):
        data = small_data(self.folder)
        self.run_ok("discover", data, "--out", "book.yaml")
        self.assertEqual(self.run_ok("rules", "check", "book.yaml", data, "--out", "proved.yaml"), "")
        proved = (self.folder / "proved.yaml").read_text()
        self.assertEqual(proved.count("certificate:"), 3)
        self.assertNotIn("labelled_by", proved)
        with open(data, "a", encoding="utf-8") as file:
            file.write("disk 977 reports 4 unreadable sectors,System Notification\n")
        done = self.run_program("rules", "check", "proved.yaml", data, "--out", "after.yaml")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"broken certificate", done.stdout)
        self.assertRegex(done.stdout, rb'note: rule "critical-error-disk[^"]*" is not proved: matches lines of other labels\n'
                                      rb"  sample: disk 977 reports 4 unreadable sectors\n")
        self.assertIn(b"2 of 3 rules proved", done.stderr)
        after = (self.folder / "after.yaml").read_text()
        self.assertEqual((after.count("certificate:"), after.count("- name:")), (2, 3))

    def findings_of(self, *args: str) -> dict:
        done = self.run_program("rules", "check", *args, "--json")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 1 if any(f["grave"] for f in found) else 0, done.stderr)
        return {(f["kind"], f["rule"]): f for f in found}

    def test_a_rule_that_is_wrong_on_labelled_lines_is_a_fault(self):
        data = small_data(self.folder)
        with open(data, "a", encoding="utf-8") as file:
            file.write("nobody knows 7 of this,Unclassified\n")
        (self.folder / "mine.yaml").write_text(
            "rules:\n  - {name: nobody, label: User Action, pattern: '^nobody knows', match: nobody knows}\n"
            "  - {name: wide, label: Critical Error, pattern: '^[a-z]', match: abc, priority: -1}\n"
            "  - {name: rest, label: Critical Error, pattern: '^(?:disk|mail) ', match: disk 1}\n"
            "  - {name: mail, label: System Notification, pattern: '^mail to', match: mail to x, priority: 1}\n")
        found = self.findings_of("mine.yaml", data)
        self.assertEqual({rule for kind, rule in found if kind == "wrong"}, {"nobody", "wide"})
        self.assertIn("1 of the 1 lines that it decides", found["wrong", "nobody"]["detail"])
        self.assertIn("labelled Unclassified", found["wrong", "nobody"]["detail"])
        # Twelve sessions and the coffee; the cellar is its own.
        self.assertIn("13 of the 14 lines", found["wrong", "wide"]["detail"])
        self.assertTrue(found["wrong", "wide"]["grave"])
        self.run_program("rules", "check", "mine.yaml", data, "--out", "out.yaml")
        self.assertIn(("wrong", "wide"), self.findings_of("out.yaml", data))

    def test_a_certificate_is_held_against_the_data_that_it_names(self):
        data = small_data(self.folder)
        self.run_ok("discover", data, "--out", "book.yaml")
        book = (self.folder / "book.yaml").read_text()
        for true, false in (("messages: 12", "messages: 1000000"), ("other_messages: 42", "other_messages: 5000000"),
                            ("forms: 1\n", "forms: 7\n")):
            self.assertIn(true, book)
            (self.folder / "lie.yaml").write_text(book.replace(true, false))
            found = self.findings_of("lie.yaml", data)
            self.assertTrue(found and all(kind == "broken certificate" for kind, _ in found), found)
        self.run_program("rules", "check", "lie.yaml", data, "--out", "true.yaml")
        self.assertEqual(self.findings_of("true.yaml", data), {})

    def test_a_certificate_of_which_another_log_says_nothing_is_kept(self):
        data = small_data(self.folder)
        self.run_ok("discover", data, "--out", "book.yaml")
        book = (self.folder / "book.yaml").read_text()
        (self.folder / "other.log").write_text("disk 7 reports 8 unreadable sectors\nthe moon is up\n")
        done = self.run_program("rules", "check", "book.yaml", "other.log", "--unlabelled", "--from", "text", "--out", "kept.yaml")
        self.assertIn(b"3 of 3 rules proved; their certificates are in kept.yaml; 3 of them as they were", done.stderr)
        self.assertEqual((self.folder / "kept.yaml").read_text(), book)

    def test_a_rule_that_takes_lines_of_kinds_without_a_label_is_noted(self):
        self.write_app_log()
        self.run_ok("discover", "app.log", "--unlabelled", "--out", "draft.yaml")
        self.label("draft.yaml", {"finished in": "Jobs"}, "part.yaml")
        with open(self.folder / "part.yaml", "a", encoding="utf-8") as file:
            file.write("  - {name: wide, label: Jobs, pattern: ' (?:worker|cache) .* ', match: ' worker 3 lost it '}\n")
        found = self.findings_of("part.yaml")
        self.assertIn("2 rules without a label", found["swallows", "wide"]["detail"])
        self.assertFalse(found["swallows", "wide"]["grave"])

    def test_long_samples_and_what_is_left_out_of_a_draft(self):
        line = "queue " + "7" * 65000 + " is full of letters"
        (self.folder / "long.log").write_text((line + "\n") * 2 + "\x1b[32mINFO\x1b[0m a b c\n")
        (self.folder / "long.yaml").write_text(
            "rules:\n  - {name: q, label: Q, pattern: '^queue [0-9]+ is full of letters$', match: '" + line.replace("7", "7" * 512, 1) + "'}\n")
        self.run_ok("rules", "check", "long.yaml", "long.log", "--unlabelled", "--from", "text", "--out", "out.yaml")
        self.assertIn("certificate:", (self.folder / "out.yaml").read_text())
        done = self.run_program("discover", "long.log", "--unlabelled", "--from", "text")
        self.assertIn(b"no rule is made from 1 line with control characters", done.stderr)
        self.assertIn(b"no rule is made from 2 lines of more than 2048 bytes", done.stderr)

    def test_discover_refuses_what_means_nothing(self):
        data = small_data(self.folder)
        self.write_app_log()
        with open(data, "a", encoding="utf-8") as file:
            file.write('a b c,"two\nlines"\n')
        for args, code, words in (
                ((data,), 65, "small.csv:56"),
                (("app.log",), 65, "a log without labels needs --unlabelled"),
                (("app.log", "--unlabelled", "--out", "nowhere/x"), 74, "cannot write nowhere/x"),
                (("app.log", "--unlabelled", "--out", ""), 2, "an empty name is no file"),
                (("app.log", "--unlabelled", "--label-column", "x"), 2, "excludes"),
                ((data, "--model", "nosuch"), 2, "--model requires --unlabelled")):
            done = self.run_program("discover", *args)
            self.assertEqual(done.returncode, code, (args, done.stderr))
            self.assertIn(words, done.stderr.decode(), args)
        draft = self.run_ok("discover", "app.log", "--unlabelled", "--min-lines", "9")
        self.assertEqual(draft.count("- name:"), 2)

    def test_train_judges_the_rules_that_it_is_given(self):
        data = small_data(self.folder)
        (self.folder / "false.yaml").write_text(
            "rules:\n  - {name: any, label: User Action, pattern: '[a-z]', match: abc,\n"
            "     certificate: {messages: 1000, lines: 1000, forms: 7, precision_bound: 0.9}}\n")
        told = self.run_ok("train", data, "--rules", "false.yaml", "--no-discover", "--out", "bundle", "--report", "report")
        self.assertIn("given rules 54 of 54 lines decided, 42 of them wrongly", told)
        self.assertIn("any: 42 of 54 wrong, such as \"disk 0 reports", told)
        self.assertIn("1 certificate is dropped, as these lines contradict it: any", told)
        self.assertNotIn("certificate:", (self.folder / "bundle/rules.yaml").read_text())
        report = json.loads((self.folder / "report/report.json").read_text())
        self.assertNotIn("certificate", report["rules"][0])
        self.assertNotIn("lines they were made from", (self.folder / "report/report.html").read_text())

    def test_rules_check_refuses_what_means_nothing(self):
        data = small_data(self.folder)
        self.run_ok("discover", data, "--out", "book.yaml")
        before = (self.folder / "book.yaml").read_text()
        self.write_app_log()
        self.run_ok("discover", "app.log", "--unlabelled", "--out", "draft.yaml")
        for args, code, words in (
                (("book.yaml", "--out", "x.yaml"), 2, "--out means nothing without DATA"),
                (("book.yaml", "--unlabelled"), 2, "--unlabelled means nothing without DATA"),
                (("book.yaml", data, "--from", "text"), 2, "--from requires --unlabelled"),
                (("book.yaml", data, "--out", "book.yaml"), 2, "is also an input"),
                (("book.yaml", data, "--out", data), 2, "is also an input"),
                (("book.yaml", data, "--out", "-"), 2, "stdout"),
                (("book.yaml", data, "--out", "nowhere/x.yaml"), 74, "cannot write nowhere/x.yaml"),
                (("book.yaml", data, "--out", "."), 74, "cannot write"),
                (("book.yaml", data, "--out", ""), 2, "an empty name is no file"),
                (("book.yaml", "app.log", "--unlabelled", "--label-column", "x"), 2, "excludes --label-column"),
                (("book.yaml", "app.log", "--out", "x.yaml"), 65, "a log without labels needs --unlabelled"),
                (("draft.yaml", "app.log", "--unlabelled", "--out", "x.yaml"), 78, "no rule of the draft has a label yet")):
            done = self.run_program("rules", "check", *args)
            self.assertEqual(done.returncode, code, (args, done.stderr))
            self.assertIn(words, done.stderr.decode(), args)
            self.assertFalse((self.folder / "x.yaml").exists())
        self.assertEqual((self.folder / "book.yaml").read_text(), before)

    @unittest.skipUnless(SEED_FAMILY.exists(), "no reference data")
    def test_rules_on_the_public_set_are_never_wrong_on_held_out_lines(self):
        for protocol, least in (("line", 0.80), ("form", 0.0)):
            result = json.loads(self.run_ok("evaluate", str(SEED_FAMILY), "--protocol", protocol, "--json"))
            rules = next(tier for tier in result["with_abstention"]["tiers"] if tier["tier"] == "rule")
            self.assertEqual(rules["precision"], 1.0)
            self.assertGreaterEqual(rules["coverage"], least)


if __name__ == "__main__":
    main()
