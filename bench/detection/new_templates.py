#!/usr/bin/env python3
"""How good `new_template` alerts are on real logs, against the true events of LogHub-2k.

usage: new_templates.py PROGRAM SHARED_DIR [--model DIR]

First table: `classify --detect` reads each system once, warmed up on lines 1-1000; its alerts on lines 1001-2000 against
the events that are truly new there (an alert for an event that was alerted already is false; an event whose first lines
bring none is missed). Bar: false at most 8 %, missed at most 5 %.
Second: BGL's own alert labels, lines 1001-2000 after lines 1-1000, in the order of the log. A line is called an alert if
its template (`mine`, as known after the last line) was in no line of the first half, or, stricter and with labels
for training, in no normal line of it. Every line of such a template counts. BGL's alerts are fixed messages: this
measures that known messages are known, no more.
Exit status: 0 the bar is reached.
"""
import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

WARM_UP, FALSE_BAR, MISSED_BAR = 1000, 0.08, 0.05


def alert_lines(program: str, truth: Path, folder: Path, model: str | None) -> set[int]:
    """Numbers, from 1, of the lines with a `new_template` alert."""
    with open(truth, encoding="utf-8-sig", newline="") as f:
        contents = [" ".join(row["Content"].splitlines()) for row in csv.DictReader(f)]
    log, alerts = folder / "content.log", folder / "alerts.jsonl"
    log.write_text("".join(line + "\n" for line in contents), encoding="utf-8")
    subprocess.run([program, "classify", "--llm", "off", "--from", "text", "--detect", "--warmup-lines", str(WARM_UP),
                    "--alerts", str(alerts), "--out", "/dev/null", *(["--model", model] if model else []), str(log)],
                   check=True, stderr=subprocess.DEVNULL)
    found = [json.loads(line) for line in alerts.read_text(encoding="utf-8").splitlines()]
    return {a["line"] for a in found if a["kind"] == "new_template"}


def judge(events: list[str], alerts: set[int]) -> tuple[int, int, int, int]:
    """Truly new events, alerts, false alerts, missed events."""
    truly, found, false = set(events[WARM_UP:]) - set(events[:WARM_UP]), set(), 0
    late = sorted(n for n in alerts if n > WARM_UP)
    for number in late:
        event = events[number - 1]
        if event in truly and event not in found:
            found.add(event)
        else:
            false += 1
    return len(truly), len(late), false, len(truly - found)


def rates(truly: int, alerts: int, false: int, missed: int) -> str:
    return f"{false / max(1, alerts):8.1%}{missed / max(1, truly):8.1%}"


def bgl_scores(program: str, truth: Path, folder: Path) -> None:
    out = folder / "mined.jsonl"
    subprocess.run([program, "mine", str(truth), "--from", "csv", "--message-column", "Content", "--plain", "--out", str(out)], check=True, stderr=subprocess.DEVNULL)
    templates = [json.loads(line)["template_id"] for line in open(out, encoding="utf-8")]
    with open(truth, encoding="utf-8-sig", newline="") as f:
        is_alert = [row["Label"] != "-" for row in csv.DictReader(f)]
    print(f"\nBGL: {sum(is_alert[:WARM_UP])} alert lines in the first half, {sum(is_alert[WARM_UP:])} in the second")
    for name, train in (("new against all lines of the first half", range(WARM_UP)),
                        ("new against its normal lines", [i for i in range(WARM_UP) if not is_alert[i]])):
        known = {templates[i] for i in train}
        called = [t not in known for t in templates[WARM_UP:]]
        right = sum(c and a for c, a in zip(called, is_alert[WARM_UP:]))
        precision, recall = right / max(1, sum(called)), right / max(1, sum(is_alert[WARM_UP:]))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"  {name}: {sum(called)} lines called, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("shared", type=Path)
    parser.add_argument("--model")
    args = parser.parse_args()
    sums = [0, 0, 0, 0]
    truths = {p.parent.name: p for p in sorted((args.shared / "data/loghub2k").glob("*/*_structured.csv"))}
    print(f"{'system':10}{'new':>6}{'alerts':>8}{'false':>7}{'missed':>8}{'false':>8}{'missed':>8}")
    with tempfile.TemporaryDirectory() as scratch:
        for system, truth in truths.items():
            with open(truth, encoding="utf-8-sig", newline="") as f:
                events = [row["EventId"] for row in csv.DictReader(f)]
            row = judge(events, alert_lines(args.program, truth, Path(scratch), args.model))
            sums = [a + b for a, b in zip(sums, row)]
            print(f"{system:10}{row[0]:6}{row[1]:8}{row[2]:7}{row[3]:8}{rates(*row)}", flush=True)
        print(f"{'all':10}{sums[0]:6}{sums[1]:8}{sums[2]:7}{sums[3]:8}{rates(*sums)}")
        if "BGL" in truths:
            bgl_scores(args.program, truths["BGL"], Path(scratch))
    is_good = sums[2] <= FALSE_BAR * sums[1] and sums[3] <= MISSED_BAR * sums[0]
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
