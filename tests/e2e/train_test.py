#!/usr/bin/env python3
"""train and evaluate, end to end: same bytes whatever the threads, honest scores, what is odd is told."""
import csv
import json
import unittest

from harness import ROOT, SHARED, EndToEnd, main


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

    def test_tells_conflicts_leaky_scores_and_prototypes(self):
        summary = self.train(small_data(self.folder), "a")
        for part in ("conflict", "leaky", "prototypes  Workflow Error", "threshold", "whole forms held out"):
            self.assertIn(part, summary)


class Evaluate(EndToEnd):
    @unittest.skipUnless((SHARED / "data/seed_family/logs.csv").exists(), "no reference data")
    def test_leak_free_scores_of_the_public_set(self):
        done = self.run_program("evaluate", str(SHARED / "data/seed_family/logs.csv"), "--protocol", "form", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual(result["seen_form_share"], 0)
        self.assertGreaterEqual(result["accuracy"], 0.94)
        self.assertGreaterEqual(result["macro_f1"], 0.91)

    def test_line_protocol_is_marked_as_leaky(self):
        done = self.run_program("evaluate", small_data(self.folder), "--protocol", "line", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(json.loads(done.stdout)["is_leaky"])


if __name__ == "__main__":
    main()
