"""Word pieces on one thread, against the `tokenizers` package: ids compared first, then interleaved rounds.

    compare.py --bench BINARY --encoder FOLDER [--rounds N] [--json FILE] NAME=TEXTS...

TEXTS holds one text a line. A round runs the rival, then ours, on the same lines; the figure is the median of the
rounds' times. The rival runs its fastest call that gives ids of known texts: `encode_batch_fast`, without threads;
that its ids must still be copied out of its objects is not charged to it.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
import tokenizers  # noqa: E402  (reads the environment)

MAX_IDS = 256
PASSES = 3  # of ours a round, which is short


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{names[0]}, {len(names)} CPUs" if names else "unknown"


def rival_of(encoder):
    rival = tokenizers.Tokenizer.from_file(os.path.join(encoder, "tokenizer.json"))
    rival.no_padding()
    rival.enable_truncation(MAX_IDS)
    return rival


def differences(bench, vocab, texts, lines, rival):
    """Numbers of the lines whose ids are not the rival's."""
    printed = subprocess.run([bench, vocab, texts, "ids"], check=True, capture_output=True, text=True).stdout
    ours = [[int(i) for i in line.split()] for line in printed.splitlines()]
    theirs = [encoding.ids for encoding in rival.encode_batch(lines)]
    if len(ours) != len(theirs):
        raise SystemExit(f"{texts}: {len(ours)} lines of ours, {len(theirs)} of theirs")
    return [n for n, (a, b) in enumerate(zip(ours, theirs), 1) if a != b]


def measure(bench, vocab, texts, lines, rival, rounds):
    theirs, ours = [], []
    for number in range(rounds + 1):
        start = time.perf_counter()
        rival.encode_batch_fast(lines)
        seconds = time.perf_counter() - start
        done = json.loads(subprocess.run([bench, vocab, texts, str(PASSES)], check=True, capture_output=True).stdout)
        if number > 0:  # the first round warms up
            theirs.append(seconds)
            ours.append(statistics.median(done["seconds"]))
    return {"lines": done["lines"], "bytes": done["bytes"], "ids": done["ids"],
            "rival_seconds": theirs, "our_seconds": ours}


def show(name, figures):
    rival = statistics.median(figures["rival_seconds"])
    ours = statistics.median(figures["our_seconds"])
    ratios = [a / b for a, b in zip(figures["rival_seconds"], figures["our_seconds"])]
    print(f"{name:<14} {figures['lines']:>8} lines {figures['ids']:>9} ids"
          f" | tokenizers {figures['ids'] / rival / 1e6:6.2f} M ids/s"
          f" | logsieve {figures['ids'] / ours / 1e6:6.2f} M ids/s, {figures['bytes'] / ours / 1e6:5.0f} MB/s"
          f" | {rival / ours:5.1f} x ({min(ratios):.1f}-{max(ratios):.1f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json")
    parser.add_argument("texts", nargs="+", metavar="NAME=TEXTS")
    args = parser.parse_args()
    rival = rival_of(args.encoder)
    vocab = os.path.join(args.encoder, "vocab.txt")
    result = {"command": "./dev bench tokenizer", "cpu": cpu_name(), "rival": f"tokenizers {tokenizers.__version__}", "rounds": args.rounds, "texts": {}}
    print(f"one thread, medians of {args.rounds} interleaved rounds; rival: tokenizers {tokenizers.__version__}")
    for pair in args.texts:
        name, path = pair.split("=", 1)
        with open(path, encoding="utf-8", newline="\n") as file:
            lines = file.read().split("\n")
        if lines[-1] == "":
            lines.pop()
        wrong = differences(args.bench, vocab, path, lines, rival)
        if wrong:
            print(f"{name}: other ids in {len(wrong)} lines, the first is {wrong[0]}", file=sys.stderr)
            return 1
        result["texts"][name] = measure(args.bench, vocab, path, lines, rival, args.rounds)
        show(name, result["texts"][name])
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
            file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
