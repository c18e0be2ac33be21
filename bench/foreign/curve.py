#!/usr/bin/env python3
"""Precision against coverage on logs of systems that a model was never trained on, one vote per event template.

usage: curve.py PROGRAM SHARED_DIR --model DIR --open DIR

SHARED_DIR/data/loghub2k holds <System>/*_structured.csv and labels.csv (system, event_id, labels accepted). --model is the
bundle that is judged; --open the same training with the lowest precision asked for, so that it answers whatever is not
refused as novel: its answers, surest first, are the curve. The scores of --model are those of
SHARED_DIR/bench/scores/foreign_score.py. Exit status: 0 if they reach the bars.
"""
import argparse
import collections
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

PROBLEMS = {"Security Alert", "Error", "Critical Error", "Workflow Error"}
BARS = {"precision": 0.88, "coverage": 0.50, "problem_precision": 0.82, "problem_recall": 0.50}


def classify(program: str, model: str, systems: list[Path], out: Path) -> None:
    out.mkdir()
    for system in systems:
        log = next(system.glob("*_structured.csv"))
        subprocess.run([program, "classify", str(log), "--model", model, "--from", "csv", "--message-column", "Content",
                        "--llm", "off", "--out", str(out / f"{system.name}.csv")], check=True, stderr=subprocess.DEVNULL)


def answers(folder: Path, accepted: dict[tuple[str, str], set[str]]) -> tuple[list[tuple[float, float, bool, bool, bool]], int]:
    """(confidence, share of its template, right, says problem, says it rightly) an answered line; templates."""
    rows, templates = [], 0
    for file in sorted(folder.glob("*.csv")):
        of_event = collections.defaultdict(list)
        with open(file, encoding="utf-8", newline="") as f:
            for row in csv.DictReader(f):
                of_event[row["EventId"]].append((row["target_label"], float(row["confidence"])))
        templates += len(of_event)
        for event, verdicts in of_event.items():
            labels = accepted[file.stem, event]
            rows += [(confidence, 1 / len(verdicts), label in labels, label in PROBLEMS, label in PROBLEMS and bool(labels & PROBLEMS))
                     for label, confidence in verdicts if label != "Unclassified"]
    return rows, templates


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def curve(rows, templates: int) -> list[tuple[float, float, float, float]]:
    """(least confidence, coverage, precision, precision of problems) at each step of .05 of coverage, and at the end."""
    points, answered, right, said, rightly, step = [], 0.0, 0.0, 0.0, 0.0, 0.05
    rows = sorted(rows, key=lambda row: -row[0])
    for i, (confidence, share, is_right, says_problem, is_problem) in enumerate(rows):
        answered += share
        right += share * is_right
        said += share * says_problem
        rightly += share * is_problem
        last_of_equals = i + 1 == len(rows) or rows[i + 1][0] < confidence
        if last_of_equals and (answered / templates >= step - 1e-9 or i + 1 == len(rows)):
            points.append((confidence, answered / templates, ratio(right, answered), ratio(rightly, said)))
            while step <= answered / templates + 1e-9:
                step += 0.05
    return points


def main() -> int:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("program")
    p.add_argument("shared", type=Path)
    p.add_argument("--model", required=True)
    p.add_argument("--open", required=True, dest="open_model")
    a = p.parse_args()
    data = a.shared / "data" / "loghub2k"
    with open(data / "labels.csv", encoding="utf-8", newline="") as f:
        accepted = {(r["system"], r["event_id"]): set(r["labels"].split("|")) for r in csv.DictReader(f)}
    systems = sorted(folder for folder in data.iterdir() if folder.is_dir())
    with tempfile.TemporaryDirectory() as work:
        judged, opened = Path(work) / "judged", Path(work) / "opened"
        classify(a.program, a.model, systems, judged)
        classify(a.program, a.open_model, systems, opened)
        said = subprocess.run([sys.executable, str(a.shared / "bench/scores/foreign_score.py"), str(data / "labels.csv"), str(judged), "--json"],
                              check=True, capture_output=True, text=True).stdout
        rows, templates = answers(opened, accepted)
    scores = json.loads(said)
    print(f"{len(systems)} systems, {templates} templates, the bundle's own limits:")
    for name, bar in BARS.items():
        print(f"  {name:18} {scores[name]:.3f} (must {bar:.2f})")
    print("every answer that is not refused as novel, surest first:")
    print("  least confidence   coverage   precision   precision of problem labels")
    for confidence, coverage, precision, problems in curve(rows, templates):
        print(f"  {confidence:16.3f}   {coverage:8.3f}   {precision:9.3f}   {problems:8.3f}".replace("nan", "  –"))
    return 0 if all(scores[name] >= bar for name, bar in BARS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
