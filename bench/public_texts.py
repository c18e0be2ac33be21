"""Writes the messages of the public logs under DATA (loghub2k, seed_family) as text files, one message a line.

    public_texts.py DATA OUT      makes OUT/loghub.txt and OUT/seed_family.txt
"""
import csv
import pathlib
import sys


def write(path, tables, column):
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        for table in tables:
            with open(table, encoding="utf-8", errors="replace", newline="") as rows:
                for row in csv.DictReader(rows):
                    out.write(row[column].replace("\n", " ").replace("\r", " ") + "\n")


if __name__ == "__main__":
    data, out = map(pathlib.Path, sys.argv[1:])
    write(out / "loghub.txt", sorted(data.glob("loghub2k/*/*_structured.csv")), "Content")
    write(out / "seed_family.txt", [data / "seed_family" / "logs.csv"], "log_message")
