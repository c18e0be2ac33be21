#!/usr/bin/env python3
"""From answers to labelled data: the queue, decisions that count at once, the export that `train` takes."""
import csv
import io
import json

from fake_endpoint import WithFakeLlm
from harness import main, rows_of

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

    def test_wrong_words_are_told(self):
        first = self.queue()[0]
        self.assertIn(b"no label", self.review("correct", str(first["id"]), "Nonsense", code=2).stderr)
        self.assertIn(b"no form number 99", self.review("accept", "99", code=2).stderr)


if __name__ == "__main__":
    main()
