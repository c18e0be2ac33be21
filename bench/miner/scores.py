#!/usr/bin/env python3
"""Template mining scored on LogHub-2k, Drain3 beside it in the same run where the package is there.

usage: scores.py PROGRAM SHARED_DIR

SHARED_DIR has data/loghub2k and bench/scores. Printed: scores of `mine` with templates as known after the last line
and (--online) as known when each line came; how good "new template" is as an alarm on the second 1,000 lines of
each system, warmed up on the first; the same of Drain3 (IP, HEX and NUM masks), and its speed.
"""
import csv
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

WARM_UP = 1000


def mine(program, truth: Path, out: Path, *flags) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([program, "mine", str(truth), "--from", "csv", "--message-column", "Content", "--plain",
                    "--out", str(out), *flags], check=True, stderr=subprocess.DEVNULL)


def novelty(events: list[str], is_new: list[bool]) -> list[int]:
    """Truly new events after the warm-up, alarms, false alarms, missed events."""
    truly = set(events[WARM_UP:]) - set(events[:WARM_UP])
    found: set[str] = set()
    alarms = false = 0
    for event, new in zip(events[WARM_UP:], is_new[WARM_UP:]):
        if not new:
            continue
        alarms += 1
        if event in truly and event not in found:
            found.add(event)
        else:
            false += 1
    return [len(truly), alarms, false, len(truly - found)]


def print_novelty(name: str, totals: list[int]) -> None:
    truly, alarms, false, missed = totals
    print(f"{name}: new-template alarms on lines {WARM_UP + 1}-2000: {alarms}, false {false} "
          f"({100 * false / max(1, alarms):.1f} %), missed {missed} of {truly} ({100 * missed / max(1, truly):.1f} %)")


def main() -> int:
    program, shared = sys.argv[1], Path(sys.argv[2])
    sys.path.insert(0, str(shared / "bench/scores"))
    import mining_score  # pylint: disable=import-outside-toplevel,import-error
    data = shared / "data/loghub2k"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        totals = [0, 0, 0, 0]
        drain_totals = [0, 0, 0, 0]
        has_drain3 = importlib.util.find_spec("drain3") is not None
        if has_drain3:
            # The first run of drain3_baseline prints its own tables.
            subprocess.run([sys.executable, str(shared / "bench/scores/drain3_baseline.py"), str(data),
                            str(work / "drain3")], check=True)
        else:
            print("drain3 is not installed: no comparison (python3 -m pip install drain3==0.9.11)")
        for system, (truth, _) in mining_score.pairs_in(data, work).items():
            mine(program, truth, work / "final" / f"{system}.jsonl")
            mine(program, truth, work / "online" / f"{system}.jsonl", "--online")
            with open(truth, encoding="utf-8-sig", newline="") as file:
                events = [row["EventId"] for row in csv.DictReader(file)]
            rows = [json.loads(line) for line in open(work / "online" / f"{system}.jsonl", encoding="utf-8")]
            totals = [a + b for a, b in zip(totals, novelty(events, [row.get("new", False) for row in rows]))]
            if has_drain3:
                seen: set[str] = set()
                is_new = []
                for line in open(work / "drain3/masked/stream" / f"{system}.jsonl", encoding="utf-8"):
                    cluster = json.loads(line)["template_id"]
                    is_new.append(cluster not in seen)
                    seen.add(cluster)
                drain_totals = [a + b for a, b in zip(drain_totals, novelty(events, is_new))]
        for variant in ("final", "online"):
            print(f"\nlogsieve mine, {variant} ids and texts")
            pairs = mining_score.pairs_in(data, work / variant)
            print(mining_score.table({s: mining_score.score_files(*p) for s, p in pairs.items()}))
        print()
        print_novelty("logsieve mine", totals)
        if has_drain3:
            print_novelty("drain3 masked", drain_totals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
