#!/usr/bin/env python3
"""discover and rules check, end to end: rules with proofs, drafts for logs without labels, faults of a book."""
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
        self.assertIn("session of [a-z]{1,10} was closed", book)
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
        refused = self.run_program("rules", "check", "draft.yaml")
        self.assertEqual(refused.returncode, 78)
        self.assertIn(b"empty label", refused.stderr)
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

    @unittest.skipUnless(SEED_FAMILY.exists(), "no reference data")
    def test_rules_on_the_public_set_are_never_wrong_on_held_out_lines(self):
        for protocol, least in (("line", 0.80), ("form", 0.0)):
            result = json.loads(self.run_ok("evaluate", str(SEED_FAMILY), "--protocol", protocol, "--json"))
            rules = next(tier for tier in result["with_abstention"]["tiers"] if tier["tier"] == "rule")
            self.assertEqual(rules["precision"], 1.0)
            self.assertGreaterEqual(rules["coverage"], least)


if __name__ == "__main__":
    main()
