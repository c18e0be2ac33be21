"""Whether fast mode changes what lines are called: each text classified in both modes, LLM off, rules left out.

    labels.py LOGSIEVE TEXTS... [-- FLAGS OF CLASSIFY...]     exit code 1 if a label became another one

A verdict counts as sure if it is not `Unclassified`: its confidence passed its label's threshold. Three changes
are told apart: one label became another, a sure line became unsure, an unsure line became sure. The second and third
are lines whose confidence lies at the threshold.
"""

import collections
import json
import subprocess
import sys

UNSURE = "Unclassified"


def verdicts(program, mode, texts, flags):
    """Returns (text, label, tier, confidence) of every line."""
    command = [program, "classify", "--llm", "off", "--from", "text", "--to", "jsonl", "--encoder-mode", mode]
    done = subprocess.run(command + flags + [texts], capture_output=True)
    if done.returncode != 0:
        sys.exit(f"labels.py: classify --encoder-mode {mode} failed: {done.stderr.decode(errors='replace')}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(program, texts, flags):
    """Prints what changed; returns how many labels became another."""
    exact, fast = (verdicts(program, mode, texts, flags) for mode in ("exact", "fast"))
    if len(exact) != len(fast):
        sys.exit("labels.py: the modes gave different numbers of records")
    changes = collections.Counter()
    largest = 0.0
    by_model = 0
    for one, other in zip(exact, fast):
        by_model += one["tier"] != "rule"
        if one["target_label"] == other["target_label"]:
            largest = max(largest, abs(one["confidence"] - other["confidence"]))
            continue
        kind = "unsure" if other["target_label"] == UNSURE else "sure" if one["target_label"] == UNSURE else "other"
        changes[kind] += 1
        if kind == "other":
            print(f"    {one['target_label']} {one['confidence']:.3f} -> {other['target_label']} {other['confidence']:.3f}: {one['message'][:100]}")
    print(f"{texts}: {len(exact)} lines, {by_model} not by a rule; label became another: {changes['other']}, "
          f"became unsure: {changes['unsure']}, became sure: {changes['sure']}; "
          f"confidence moved by at most {largest:.4f} elsewhere")
    return changes["other"]


def main():
    arguments = sys.argv[1:]
    flags = []
    if "--" in arguments:
        place = arguments.index("--")
        arguments, flags = arguments[:place], arguments[place + 1:]
    program, *files = arguments
    return 1 if sum(compare(program, texts, flags) for texts in files) else 0


if __name__ == "__main__":
    sys.exit(main())
