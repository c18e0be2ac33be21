#!/usr/bin/env python3
"""train and evaluate, end to end: same bytes whatever the threads, honest scores, what is odd is told."""
import csv
import json
import os
import subprocess
import sys
import unittest

from harness import PROGRAM, ROOT, SHARED, EndToEnd, main, objects_of, rows_of

SEED_FAMILY = SHARED / "data/seed_family/logs.csv"
SCORER = SHARED / "bench/scores/classify_score.py"


def small_data(folder) -> str:
    """The first 400 rows of the data set that have one of three labels, and a few of a fourth."""
    with open(ROOT / "training/data/logs.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [r for r in rows if r["target_label"] in ("HTTP Status", "Security Alert", "User Action")][:400]
    kept += [r for r in rows if r["target_label"] == "Workflow Error"][:5]
    kept += [dict(kept[0], target_label="User Action"), dict(kept[0]), dict(kept[0])]
    with open(folder / "small.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(kept)
    return str(folder / "small.csv")


class Train(EndToEnd):
    def train(self, data: str, out: str, *args: str) -> str:
        done = self.run_program("train", data, "--out", out, *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def test_same_data_and_seed_give_the_same_bytes(self):
        data = small_data(self.folder)
        summary = self.train(data, "a", "--threads", "1")
        self.assertEqual(summary, self.train(data, "b", "--threads", "2"))
        for file in sorted((self.folder / "a").iterdir()):
            self.assertEqual(file.read_bytes(), (self.folder / "b" / file.name).read_bytes(), file.name)

    def test_a_million_equal_rows_are_a_form_a_label(self):
        data = self.write("equal.csv", "log_message,target_label\n" + "disk sda1 is full,Error\n" * 500_000
                          + "all backups are done,Fine\n" * 500_000)
        process = subprocess.Popen([PROGRAM, "train", data, "--out", "model"], cwd=self.folder, env=self.environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        if "san" not in PROGRAM:
            self.assertLess(usage.ru_maxrss, 1 << 20, "KiB")
        out = self.classify("--model", "model", "--from", "text", "-", stdin=b"disk sda1 is full\n").stdout
        self.assertEqual([answer["target_label"] for answer in objects_of(out)], ["Error"])

    def test_a_line_end_in_a_label_is_kept(self):
        self.train(self.write("label.csv", 'log_message,target_label\n' + 'disk full,"Disk\nError"\nall fine,Fine\n' * 10), "model")
        for form, read in (("csv", rows_of), ("jsonl", objects_of)):
            out = self.classify("--model", "model", "--from", "text", "--to", form, "-", stdin=b"disk full\n").stdout
            self.assertEqual([row["target_label"] for row in read(out)], ["Disk\nError"])

    def test_tells_conflicts_leaky_scores_and_prototypes(self):
        summary = self.train(small_data(self.folder), "a")
        for part in ("conflict", "leaky", "prototypes  Workflow Error", "threshold", "whole forms held out"):
            self.assertIn(part, summary)


    def test_the_report_is_one_page_with_the_figures_of_evaluate(self):
        data = small_data(self.folder)
        self.train(data, "a", "--report", "report", "--threads", "1")
        self.train(data, "b", "--report", "again", "--threads", "2")
        self.assertEqual(sorted(f.name for f in (self.folder / "report").iterdir()), ["report.html", "report.json"])
        for file in (self.folder / "report").iterdir():
            self.assertEqual(file.read_bytes(), (self.folder / "again" / file.name).read_bytes(), file.name)
        page = (self.folder / "report/report.html").read_text(encoding="utf-8")
        for part in ("What to label next", "Suspected label errors", "Conflicts", "The rule book", "A map of the forms"):
            self.assertIn(part, page)
        told = json.loads((self.folder / "report/report.json").read_text(encoding="utf-8"))
        done = self.run_program("evaluate", data, "--seeds", "3", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        scores = json.loads(done.stdout)
        for figure in ("accuracy", "macro_f1", "ece", "with_abstention", "ranges"):
            self.assertEqual(told["evaluation"][figure], scores[figure], figure)
        self.assertEqual(told["conflicting_forms"], 1)
        card = (self.folder / "a/MODEL_CARD.md").read_text(encoding="utf-8")
        self.assertIn("| lines answered |", card)
        manifest = json.loads((self.folder / "a/manifest.json").read_text(encoding="utf-8"))
        self.assertIn("MODEL_CARD.md", manifest["files"])

    def test_an_output_that_is_also_another_is_refused(self):
        done = self.run_program("train", small_data(self.folder), "--out", "a", "--report", "a")
        self.assertEqual(done.returncode, 2, done.stderr)


class Evaluate(EndToEnd):
    @unittest.skipUnless(SEED_FAMILY.exists(), "no reference data")
    def test_leak_free_scores_of_the_public_set(self):
        done = self.run_program("evaluate", str(SEED_FAMILY), "--protocol", "form", "--seeds", "5", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual(result["seen_form_share"], 0)
        self.assertGreaterEqual(result["accuracy"], 0.95)
        self.assertGreaterEqual(result["macro_f1"], 0.925)
        self.assertGreaterEqual(result["form_accuracy"], 0.975)
        self.assertLessEqual(result["with_abstention"]["novel_form_share"], 0.02)
        rules = result["with_abstention"]["tiers"][0]
        self.assertEqual((rules["tier"], rules["precision"]), ("rule", 1.0))

    def test_line_protocol_is_marked_as_leaky(self):
        done = self.run_program("evaluate", small_data(self.folder), "--protocol", "line", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(json.loads(done.stdout)["is_leaky"])

    def test_compares_two_bundles(self):
        data = small_data(self.folder)
        for out, precision in (("a", "0.99"), ("b", "0.6")):
            done = self.run_program("train", data, "--out", out, "--no-discover", "--precision", precision)
            self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_program("evaluate", data, "--compare", "a", "b", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        self.assertGreaterEqual(result["bundles"][1]["coverage"], result["bundles"][0]["coverage"])
        changed = sum(line["lines"] for line in result["changed"] if line["change"] == "better")
        self.assertEqual(changed, result["by_line"]["only_second_right"])
        same = self.run_program("evaluate", data, "--compare", "a", "a")
        self.assertIn(b"0 lines of 0 kinds changed", same.stdout)

    @unittest.skipUnless(SCORER.exists() and SEED_FAMILY.exists(), "no reference scorer")
    def test_agrees_with_the_reference_scorer(self):
        """Half of the public set trains, the other half is classified and scored by both."""
        with open(SEED_FAMILY, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for name, part in (("train.csv", rows[::2]), ("test.csv", rows[1::2])):
            with open(self.folder / name, "w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, rows[0].keys())
                writer.writeheader()
                writer.writerows(part)
        with open(self.folder / "unlabelled.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["source", "log_message"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows[1::2])
        for command in (("train", "train.csv", "--out", "a"),
                        ("classify", "unlabelled.csv", "--model", "a", "--llm", "off", "--out", "answers.csv")):
            done = self.run_program(*command)
            self.assertEqual(done.returncode, 0, done.stderr)
        ours = self.run_program("evaluate", "test.csv", "--model", "a", "--json")
        self.assertEqual(ours.returncode, 0, ours.stderr)
        ours = json.loads(ours.stdout)["with_abstention"]
        theirs = json.loads(subprocess.run([sys.executable, SCORER, "test.csv", "answers.csv", "--json"],
                                           cwd=self.folder, capture_output=True, check=True).stdout)
        for name in ("accuracy", "answered_accuracy", "macro_f1", "macro_f1_min10", "ece", "brier"):
            # `classify` writes confidences with four digits.
            self.assertAlmostEqual(ours[name], theirs[name], places=4, msg=name)
        for tier in ours["tiers"]:
            self.assertAlmostEqual(tier["precision_low"], theirs["tiers"][tier["tier"]]["precision_low"], places=9)


if __name__ == "__main__":
    main()
