#!/usr/bin/env python3
"""Injected anomalies found by `classify --detect`: one row a system, seed and kind of stream, and the sums.

usage: anomalies.py PROGRAM SHARED_DIR [--systems A,B,…] [--seeds 1-10] [--streams plain,vary]
       [--lines 200000] [--model DIR] [--keep DIR] [--misses]

SHARED_DIR has data/loghub2k and bench/scores (inject_anomalies.py makes the streams, anomaly_score.py judges). Beside
its scores: the record time from a new template's first line, and from a burst's, to its alert, and alerts that a second
run over the same stream with the state of the first one gives (there should be none). --keep leaves the streams and
alerts in DIR, and takes streams from there; --misses lists what was missed and what was false.
Exit status: 0 every anomaly found with its kind, in time, at most one false alert in 10,000 lines, no duplicate.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

NEW_TEMPLATE_S, BURST_S, FALSE_PER_10K = 1.0, 60.0, 1.0


def seeds_of(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def make_stream(inject, source: Path, folder: Path, seed: int, vary: bool, lines: int) -> tuple[Path, Path, int]:
    """The log, the truth and the number of warm-up lines."""
    log, truth, warm = folder / "stream.log", folder / "truth.jsonl", folder / "warmup"
    if not warm.exists():
        folder.mkdir(parents=True, exist_ok=True)
        events, records, warmup = inject.inject(inject.read_lines(str(source)), lines, 50.0, 2000, vary, seed)
        with open(log, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as f:
            f.writelines(f"{inject.stamp(at)} {message}\n" for at, message in events)
        truth.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
        warm.write_text(str(warmup), encoding="utf-8")
    return log, truth, int(warm.read_text(encoding="utf-8"))


def detect(program: str, log: Path, alerts: Path, state: Path, model: str | None) -> None:
    flags = ["--model", model] if model else []
    subprocess.run([program, "classify", "--llm", "off", "--from", "text", "--detect", "--alerts", str(alerts),
                    "--detect-state", str(state), "--out", "/dev/null", *flags, str(log)],
                   check=True, stderr=subprocess.DEVNULL)


def seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def delays(result, truth, alerts, log: Path, kind: str) -> list[float]:
    """Record time from an anomaly's first line to its alert."""
    wanted = {a["start"] for a in result["each"] if a["kind"] == kind and a["detected"]}
    at = {}
    with open(log, "rb") as f:
        for number, line in enumerate(f, 1):
            if number in wanted:
                at[number] = seconds(line.split(b" ", 1)[0].decode())
    found = []
    for anomaly in result["each"]:
        if anomaly["start"] in at and anomaly["kind"] == kind:
            times = [a["time"] for a in alerts if a["state"] == "firing" and a["kind"] == kind
                     and a["line"] == anomaly["start"] + anomaly["delay"]]
            found.append(min(map(seconds, times)) - at[anomaly["start"]])
    return found


def print_misses(result, truth, alerts, warmup) -> None:
    by_start = {(t["start"], t["kind"]): t for t in truth}
    for anomaly in result["each"]:
        record = by_start[anomaly["start"], anomaly["kind"]]
        if not anomaly["detected"] or anomaly["as"] != anomaly["kind"]:
            what = f"as {anomaly['as']}" if anomaly["detected"] else "missed"
            print(f"    {what} {record['kind']} lines {record['start']}-{record['end']}: {record['template'][:150]}")

    def is_near(alert):
        return any(t["start"] <= alert["line"] <= t["end"] + t["grace"] for t in truth)
    for alert in alerts:
        if alert["state"] == "firing" and alert["line"] > warmup and not is_near(alert):
            print(f"    false {alert['kind']} line {alert['line']}: {alert['what'][:200]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("shared", type=Path)
    parser.add_argument("--systems", help="names with commas [all]")
    parser.add_argument("--seeds", default="1-10")
    parser.add_argument("--streams", default="plain,vary")
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--model")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--misses", action="store_true")
    args = parser.parse_args()
    sys.path.insert(0, str(args.shared / "bench/scores"))
    import anomaly_score   # pylint: disable=import-outside-toplevel,import-error
    import inject_anomalies  # pylint: disable=import-outside-toplevel,import-error
    sources = {p.parent.name: p for p in sorted((args.shared / "data/loghub2k").glob("*/*_structured.csv"))}
    systems = args.systems.split(",") if args.systems else list(sources)
    total: dict[str, float] = {}
    kinds = anomaly_score.KINDS
    print(f"{'system':12}{'stream':>7}{'seed':>5}" + "".join(f"{k:>14}" for k in kinds)
          + f"{'as other':>10}{'false':>7}{'/10k':>7}{'dupl.':>7}{'replay':>8}{'new s':>8}{'burst s':>9}")
    with tempfile.TemporaryDirectory() as scratch:
        for system in systems:
            for stream in args.streams.split(","):
                for seed in seeds_of(args.seeds):
                    name = f"{system}-{stream}-{seed}"
                    folder = (args.keep or Path(scratch)) / name
                    log, truth_file, warmup = make_stream(inject_anomalies, sources[system], folder, seed,
                                                          stream == "vary", args.lines)
                    state, found, again = folder / "state", folder / "alerts.jsonl", folder / "again.jsonl"
                    state.unlink(missing_ok=True)
                    detect(args.program, log, found, state, args.model)
                    detect(args.program, log, again, state, args.model)
                    truth = anomaly_score.read_jsonl(truth_file, ("start", "end"), kinds=kinds)
                    alerts = anomaly_score.read_jsonl(found, ("line",), ("firing", "resolved"))
                    replayed = sum(a["state"] == "firing" for a in anomaly_score.read_jsonl(again, ("line",)))
                    result = anomaly_score.score(truth, alerts, args.lines, warmup)
                    new_s = max(delays(result, truth, alerts, log, "new_template"), default=0.0)
                    burst_s = max(delays(result, truth, alerts, log, "burst"), default=0.0)
                    row = result["kinds"]
                    print(f"{system:12}{stream:>7}{seed:5}"
                          + "".join(f"{row[k]['detected']:>11}/{row[k]['anomalies']:<2}" for k in kinds)
                          + f"{result['as_other_kind']:10}{result['false_alarms']:7}"
                          f"{result['false_alarms_per_10k']:7.3f}{result['duplicates']:7}{replayed:8}"
                          f"{new_s:8.1f}{burst_s:9.1f}", flush=True)
                    if args.misses:
                        print_misses(result, truth, alerts, warmup)
                    for key, value in (("anomalies", result["anomalies"]), ("detected", result["detected"]),
                                       ("as other", result["as_other_kind"]), ("false", result["false_alarms"]),
                                       ("duplicates", result["duplicates"]), ("replayed", replayed),
                                       ("lines", args.lines - warmup)):
                        total[key] = total.get(key, 0) + value
                    for key, value in (("worst /10k", result["false_alarms_per_10k"]), ("new s", new_s),
                                       ("burst s", burst_s)):
                        total[key] = max(total.get(key, 0), value)
                    if not args.keep:
                        log.unlink()
                        (folder / "warmup").unlink()
    print(f"found {total['detected']:.0f} of {total['anomalies']:.0f} ({total['as other']:.0f} as another kind), "
          f"{total['false']:.0f} false in {total['lines']:.0f} lines (worst stream {total['worst /10k']:.3f} in 10,000), "
          f"{total['duplicates']:.0f} duplicates, {total['replayed']:.0f} in the replays; "
          f"new template after {total['new s']:.1f} s, burst after {total['burst s']:.1f} s at most")
    is_good = (total["detected"] == total["anomalies"] and total["as other"] == 0 and total["duplicates"] == 0
               and total["replayed"] == 0 and total["worst /10k"] <= FALSE_PER_10K and total["new s"] <= NEW_TEMPLATE_S
               and total["burst s"] <= BURST_S)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
