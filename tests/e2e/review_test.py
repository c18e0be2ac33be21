#!/usr/bin/env python3
"""From answers to labelled data: the queue, decisions that count at once, the export that `train` takes."""
import array
import csv
import io
import itertools
import json
import operator
import re
import unittest

from fake_endpoint import WithFakeLlm
from harness import ROOT, SHARED, main, objects_of, rows_of

LINES = ["ticket of kind abel was left open"] * 5 + ["ticket of kind borin was left open"] * 2 + ["the warehouse has lost its keys"]


class Review(WithFakeLlm):
    def setUp(self):
        super().setUp()
        self.state = str(self.folder / "state")
        self.rows = self.classify_by_llm(LINES)

    def review(self, *args: str, code: int = 0):
        done = self.run_program("review", *args, LOGSIEVE_STATE=self.state)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def queue(self) -> list[dict]:
        return [json.loads(line) for line in self.review("list", "--json").stdout.splitlines()]

    def labels_without_llm(self) -> list[tuple]:
        done = self.run_program("classify", "--llm", "off", str(self.folder / "d.csv"), LOGSIEVE_STATE=self.state)
        return [(row["target_label"], row["tier"]) for row in rows_of(done.stdout)]

    def test_the_queue_counts_lines_and_asks_for_unlike_forms(self):
        queue = self.queue()
        self.assertEqual({item["form"]: item["lines"] for item in queue},
                         {"ticket of kind abel was left open": 5, "ticket of kind borin was left open": 2,
                          "the warehouse has lost its keys": 1})
        self.assertEqual(queue[0]["lines"], 5)
        self.assertTrue(all(item["llm_label"] == "Error" for item in queue))

    def test_a_correction_counts_at_once_and_says_what_it_flips(self):
        first = self.queue()[0]
        done = self.review("correct", str(first["id"]), "User Action")
        self.assertRegex(done.stderr.decode(), r"labels \d+ past lines? of \d+ forms? otherwise")
        labels = self.labels_without_llm()
        self.assertEqual(set(labels[:5]), {("User Action", "prototype")})
        self.assertNotEqual(labels[7][1], "prototype" if labels[7][0] == "User Action" else "")
        self.assertNotIn(first["id"], [item["id"] for item in self.queue()])

    def test_only_what_a_person_decided_is_exported(self):
        queue = {item["form"]: item["id"] for item in self.queue()}
        self.review("accept", str(queue["ticket of kind abel was left open"]))
        self.review("reject", str(queue["ticket of kind borin was left open"]))
        rows = list(csv.DictReader(io.StringIO(self.review("export").stdout.decode())))
        self.assertEqual(rows, [{"log_message": "ticket of kind abel was left open", "target_label": "Error"}])
        # A rejected form is not labelled by anybody.
        self.assertEqual(set(self.labels_without_llm()[5:7]), {("Unclassified", "none")})

    def train_with_reviewed(self):
        """Trains the bundle `mine` on 32 lines of two labels and on what has been decided."""
        self.review("export", "--out", "reviewed.csv")
        self.write("data.csv", "log_message,target_label\n" + "".join(
            f"{word} {verb} its {thing},{label}\n" for word in ("pump", "valve", "boiler", "fan")
            for verb, label in (("lost", "Error"), ("opened", "User Action")) for thing in ("door", "lock", "tray", "lid")))
        done = self.run_program("train", "data.csv", "--reviewed", "reviewed.csv", "--out", "mine")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_an_accepted_form_is_never_asked_again(self):
        queue = {item["form"]: item["id"] for item in self.queue()}
        accepted = "ticket of kind abel was left open"
        self.review("accept", str(queue[accepted]))
        self.train_with_reviewed()
        # Another state folder: no stored answer, no decision of a person. Only the new model knows.
        url = self.start("--answer", "User Action")
        self.log.unlink()
        self.write("logsieve.yaml", "routes:\n  LegacyCRM: [llm]\nllm: {agreement: false}\n")
        done = self.run_program("classify", str(self.folder / "d.csv"), "--model", "mine", "--llm-base-url", url,
                                LOGSIEVE_STATE=str(self.folder / "other"))
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = rows_of(done.stdout)
        self.assertEqual({(row["target_label"], row["tier"]) for row in rows[:5]}, {("Error", "prototype")})
        self.assertEqual({row["tier"] for row in rows[5:]}, {"llm"})
        sent = self.log.read_text()
        self.assertIn("kind borin", sent)
        fenced = sent[sent.index("<<<LOG ") :]  # it may be among the labelled examples before
        self.assertNotIn("kind abel", fenced)

    def test_discovery_certifies_a_rule_from_accepted_answers(self):
        lines = [f"handover of pallet P-{4000 + 7 * i} was refused at gate {3 + i}" for i in range(6)]
        self.classify_by_llm(lines)
        item = next(item for item in self.queue() if "pallet" in item["form"])
        self.review("accept", str(item["id"]))
        reviewed = list(csv.DictReader(io.StringIO(self.review("export").stdout.decode())))
        self.assertEqual(reviewed, [{"log_message": line, "target_label": "Error"} for line in lines[:4]])
        self.train_with_reviewed()
        url = self.start("--answer", "User Action")
        self.log.unlink(missing_ok=True)
        self.write("logsieve.yaml", "routes:\n  LegacyCRM: [rule, llm]\n")
        new = "source,log_message\nLegacyCRM,handover of pallet P-9001 was refused at gate 77\n"
        done = self.run_program("classify", self.write("new.csv", new), "--model", "mine", "--llm-base-url", url,
                                LOGSIEVE_STATE=str(self.folder / "other"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([(row["target_label"], row["tier"]) for row in rows_of(done.stdout)], [("Error", "rule")])
        self.assertFalse(self.log.exists(), "nobody was asked")

    def test_wrong_words_are_told(self):
        first = self.queue()[0]
        self.assertIn(b"no label", self.review("correct", str(first["id"]), "Nonsense", code=2).stderr)
        self.assertIn(b"no form number 99", self.review("accept", "99", code=2).stderr)


class Report(WithFakeLlm):
    """Second opinions on what the model is sure of: the LLM agrees about one form and calls the others Workflow Error."""

    LINES = ["Customer changed the delivery address of an order", "Memory usage of worker pool exceeded the soft limit",
             "nova compute claim memory total used free", "Email service experiencing issues with sending",
             "Data replication task for shard did not complete", "Invoice generation process aborted for order due to invalid tax"]

    def setUp(self):
        super().setUp()
        alone = objects_of(self.classify("--from", "text", self.write("all.log", "\n".join(self.LINES) + "\n")).stdout)
        sure = [o for o in alone if o["tier"] == "model" and o["target_label"] != "Workflow Error" and o["confidence"] < 0.9999]
        self.assertGreaterEqual(len(sure), 3)
        self.label = {o["template"]: o["target_label"] for o in sure}
        self.lines = {o["template"]: 2 + 3 * i for i, o in enumerate(sure)}
        self.agreed = sure[0]["template"]
        self.write("logsieve.yaml", "complement: true\ncomplement_below: 1.0\non_disagreement: llm\nllm: {agreement: false}\n")
        log = "".join((o["message"] + "\n") * self.lines[o["template"]] for o in sure)
        rules = self.write("rules", f"{self.agreed} => {self.label[self.agreed]}\n")
        done = self.run_program("classify", "--from", "text", self.write("d.log", log), "--llm-base-url",
                                self.start("--answer", "Workflow Error", "--rules", rules))
        self.assertEqual(done.returncode, 0, done.stderr)

    def review(self, *args: str) -> list[dict]:
        done = self.run_program("review", *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return objects_of(done.stdout)

    def test_names_suspect_rows_and_suspect_rules_together_by_lines(self):
        access = '"10.0.0.1 - - [12/Mar/2025:10:00:00 +0000] ""GET / HTTP/1.1"" 200 12"'
        data = self.write("labelled.csv", "log_message,target_label\n" + f"{access},User Action\n" * 4 + "ticket left open,Error\n")
        report = self.review("report", "--data", data)
        opinions = {finding["form"]: finding for finding in report if "suspect_rows" in finding}
        self.assertEqual({form: (o["model_label"], o["llm_label"], o["lines"]) for form, o in opinions.items()},
                         {form: (label, "Workflow Error", self.lines[form]) for form, label in self.label.items() if form != self.agreed})
        for form, finding in opinions.items():
            self.assertTrue(finding["suspect_rows"], form)
            self.assertEqual({row["label"] for row in finding["suspect_rows"]}, {self.label[form]})
        rules = [finding for finding in report if "rule" in finding]
        self.assertEqual([(r["lines"], r["rule_label"], r["row_label"]) for r in rules], [(4, "HTTP Status", "User Action")])
        lines = [finding["lines"] for finding in report]
        self.assertEqual(lines, sorted(lines, reverse=True), "both kinds in one order")
        self.assertEqual(len(lines), len(self.label))
        self.assertEqual(self.review("report", "--data", data, "--limit", "1"), report[:1])

    def test_agreement_is_kept_as_calibration_data(self):
        bins = self.review("calibration")
        total = {name: sum(one[name] for one in bins) for name in ("forms", "lines", "agreed_forms", "agreed_lines")}
        self.assertEqual(total, {"forms": len(self.label), "lines": sum(self.lines.values()), "agreed_forms": 1,
                                 "agreed_lines": self.lines[self.agreed]})
        worst = next(finding for finding in self.review("list", "--json", "--limit", "99") if finding["form"] != self.agreed)
        done = self.run_program("review", "correct", str(worst["id"]), self.label[worst["form"]])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sum(one["agreed_forms"] for one in self.review("calibration")), 2, "a person's word counts above the LLM's")


class Radius(WithFakeLlm):
    @unittest.skipUnless((SHARED / "data/seed_family/logs.csv").exists(), "no reference data")
    def test_a_decision_moves_no_form_of_another_label(self):
        """Were each form of the public set decided alone, with nothing else labelled: whom would it reach?"""
        radius = float(re.search(r"kDecidedSimilarity = ([0-9.]+)F", (ROOT / "src/cascade/decided_forms.h").read_text())[1])
        with open(SHARED / "data/seed_family/logs.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        text = "".join(re.sub(r"[\r\n]", " ", row["log_message"]) + "\n" for row in rows)
        masked = self.run_program("mask", self.write("lines.txt", text)).stdout.decode().splitlines()
        labels = {form: row["target_label"] for form, row in zip(masked, rows, strict=True)}
        done = self.run_program("embed", "--from", "text", "--out", "forms.npy", self.write("forms.txt", "\n".join(labels) + "\n"))
        self.assertEqual(done.returncode, 0, done.stderr)
        raw = (self.folder / "forms.npy").read_bytes()
        values = array.array("f", raw[10 + int.from_bytes(raw[8:10], "little"):])
        vectors = [values[i:i + 384].tolist() for i in range(0, len(values), 384)]
        self.assertEqual(len(vectors), len(labels))
        named = list(zip(labels.values(), vectors, strict=True))
        near = [a == b for (a, v), (b, w) in itertools.combinations(named, 2) if sum(map(operator.mul, v, w)) >= radius]
        self.assertNotIn(False, near)
        self.assertGreaterEqual(len(near), 50, "and it reaches some")


if __name__ == "__main__":
    main()
