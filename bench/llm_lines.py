"""Log lines for the LLM bench as CSV on stdout: `llm_lines.py COUNT [EVERY]`. One in EVERY (100) is of a source that only
the LLM may answer, in 300 forms; the others are a few everyday forms, which the default bundle knows, with other values
each time."""
import sys

SYLLABLES = ["bar", "dol", "fen", "gim", "hub", "jat", "kos"]
UNKNOWN = [f"{a}{b} unit {c}{a} {b}{c} gave up" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES][:300]
EVERYDAY = ["Backup completed for volume {0}", "User User{0} logged in", "File data_{0}.csv uploaded successfully by user User{0}",
            "GET /v2/servers/{0} HTTP/1.1 status: 200 len: {0}", "IP 192.168.1.{0} blocked due to potential attack"]


def main() -> None:
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    out = ["source,log_message\n"]
    for i in range(int(sys.argv[1])):
        if i % every == 0:
            out.append(f"LegacyCRM,{UNKNOWN[i // every % len(UNKNOWN)]} after {i} tries\n")
        else:
            out.append(f"App,{EVERYDAY[i % len(EVERYDAY)].format(i)}\n")
    sys.stdout.write("".join(out))


main()
