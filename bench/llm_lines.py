"""Log lines for the LLM bench as CSV on stdout: `llm_lines.py COUNT`. One in a hundred is of a source that only the LLM
may answer, in 300 forms; the others are a few everyday forms with other values each time."""
import sys

SYLLABLES = ["bar", "dol", "fen", "gim", "hub", "jat", "kos"]
UNKNOWN = [f"{a}{b} unit {c}{a} {b}{c} gave up" for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES][:300]
EVERYDAY = ["Backup completed for volume {0}", "User User{0} logged in", "File data_{0}.csv uploaded successfully by user User{0}",
            "GET /v2/servers/{0} HTTP/1.1 status: 200 len: {0}", "Multiple login failures occurred on user {0} account"]


def main() -> None:
    out = ["source,log_message\n"]
    for i in range(int(sys.argv[1])):
        if i % 100 == 0:
            out.append(f"LegacyCRM,{UNKNOWN[i // 100 % len(UNKNOWN)]} after {i} tries\n")
        else:
            out.append(f"App,{EVERYDAY[i % len(EVERYDAY)].format(i)}\n")
    sys.stdout.write("".join(out))


main()
