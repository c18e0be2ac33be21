#!/usr/bin/env python3
"""Compares src/io with Python's csv and json modules on generated files.

usage: io_differential.py PATH_OF_io_differential_dump [--files N] [--seed N]

CSV: files by csv.writer in all its dialects must read back as csv.reader reads them. Damaged files (ragged rows,
stray and open quotes, mixed line ends, random bytes) are read by a slow model of the rules in csv_record.h and
csv_reader.cc, which leaves the splitting of a record to csv.reader; where the model sees no stray quote, the whole
file must also be what csv.reader makes of it. JSONL: each line must be taken or rejected as json.loads does.
Outputs: what the formatter wrote must be read by both modules, and say the same.
"""

import argparse
import csv
import io
import json
import random
import subprocess
import sys

MESSAGE_NAMES = ["log_message", "message", "msg", "content", "log", "text", "body", "line", "event"]
OUR_NAMES = ["target_label", "confidence", "tier", "rule", "template"]
OUR_FIELDS = ['a,"b"', "0.2500", "model", "", "x\ty \\ \n"]
csv.field_size_limit(1 << 30)
sys.set_int_max_str_digits(0)


def unhex(text):
    return bytes.fromhex(text).decode("latin-1")  # one character a byte: csv and the model see bytes


# ---------------------------------------------------------------- CSV: the model


def line_end_length(text, at):
    return 2 if text[at : at + 2] == "\r\n" else 1


def find_record(text, begin, delimiter):
    """(end, open quote or None if the record is good): a byte at a time, as the rules say it."""
    at, state, opened = begin, "start", None
    while at < len(text):
        c = text[at]
        if state == "quoted":
            state = "quote" if c == '"' else "quoted"
        elif state == "quote" and c == '"':
            state = "quoted"
        elif c in "\r\n":
            return at, None
        elif c == delimiter:
            state = "start"
        elif state == "start" and c == '"':
            state, opened = "quoted", at
        elif state == "quote" and any(end in text[opened:at] for end in "\r\n"):
            return at, opened
        else:
            state = "plain"
        at += 1
    return at, (opened if state == "quoted" else None)


def split(raw, delimiter):
    rows = list(csv.reader([raw], delimiter=delimiter)) if raw else [[""]]
    # csv.reader takes a list item for a line, line ends in quotes included
    assert len(rows) == 1, (raw, rows)
    return rows[0]


def rank(name):
    folded = name.strip(" \t").lower().replace(" ", "_").replace("-", "_")
    return MESSAGE_NAMES.index(folded) if folded in MESSAGE_NAMES else None


def message_column(columns):
    ranked = [(rank(c), i) for i, c in enumerate(columns) if rank(c) is not None]
    return min(ranked)[1] if ranked else None


def model_csv(text, delimiter):
    """(columns, rows [(line, message, fields)], rejects [(line, position, raw)], whether a quote was stray)."""
    at, line, columns, message = 0, 1, None, None
    rows, rejects, is_stray = [], [], False
    while at < len(text):
        if text[at] in "\r\n":
            at += line_end_length(text, at)
            line += 1
            continue
        end, quote = find_record(text, at, delimiter)
        if quote is not None:
            is_stray = True
            end = min((i for i in range(quote, len(text)) if text[i] in "\r\n"), default=len(text))
        raw = text[at:end]
        position = len(rows) + len(rejects)
        fields = split(raw, delimiter) if quote is None else None
        if columns is None:
            columns, message = fields, message_column(fields)
        elif fields is None or len(fields) > len(columns) or message >= len(fields):
            rejects.append((line, position, raw))
        else:
            rows.append((line, fields[message], fields + [""] * (len(columns) - len(fields))))
        line += len(raw.replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1
        at = end
    return columns, rows, rejects, is_stray


# ---------------------------------------------------------------- CSV: the files

WORDS = ["a", "error", "5\"", "", " ", "x,y", "p;q", "t\tu", "\"", "\"\"", "it's", "l1\nl2", "l1\r\nl2", "l\rm",
         "caf\u00e9", "\u20ac\U0001f600", "\ufeff", "nul\0", "'", "\\", "{\"k\":1}", "=1+1", "end\n", "\r"]


def random_text(rng):
    return rng.choice(("", " ")).join(rng.choice(WORDS) for _ in range(rng.randrange(4)))


def written_csv(rng):
    columns = [rng.choice(["time", "source", "a,b", "q\"q", "n;m", "two\nlines", "tier", "", "target_label"]) + str(i)
               for i in range(rng.randrange(4))]
    columns.insert(rng.randrange(len(columns) + 1), rng.choice(["message", "log_message", "Log Message", "MSG"]))
    out = io.StringIO(newline="")
    delimiter = rng.choice(",,,;\t") if len(columns) > 1 else ","  # a lone column does not show another one
    line_end = rng.choice(["\n", "\r\n", "\r\n", "\r"])
    # Python 3.11 leaves a CR unquoted where lines end with LF, and cannot read that back itself
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]) if line_end == "\r\n" else csv.QUOTE_ALL
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerow(columns)
    for _ in range(rng.randrange(6)):
        writer.writerow([random_text(rng) for _ in columns])
    text = out.getvalue()
    if rng.random() < 0.3:
        text = text.rstrip("\r\n") if not text.rstrip("\r\n").endswith('"') else text
    bom = "\ufeff" if rng.random() < 0.2 else ""
    return (bom + text).encode("utf-8"), delimiter


def damaged_csv(rng):
    if rng.random() < 0.5:
        header, delimiter = b"message,n,source\n", ","
        body = "".join(rng.choice("aab,,\"\"\"\n\r ") for _ in range(rng.randrange(80))).encode()
    else:
        whole, delimiter = written_csv(rng)
        whole += b"\n"
        cut = model_header_end(whole.decode("latin-1"), delimiter)
        header, body = whole[:cut], bytearray(whole[cut:])
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(body) + 1)
            body[at : at + rng.randrange(3)] = rng.choice([b'"', b"\n", b"\r", b",", b"\xff", b"", b'""', b"\0"])
        body = bytes(body)
    return header + body, delimiter


def model_header_end(text, delimiter):
    at = 3 if text.startswith("\xef\xbb\xbf") else 0
    end, _ = find_record(text, at, delimiter)
    return end + 1


# ---------------------------------------------------------------- CSV: the comparison


def check_csv(case, found):
    data, delimiter, is_damaged = case
    text = data.decode("latin-1")
    if text.startswith("\xef\xbb\xbf"):
        text = text[3:]
    assert "error" not in found, found
    columns, rows, rejects, is_stray = model_csv(text, delimiter)
    got = [(line, unhex(message), [unhex(f) for f in fields]) for line, message, _, _, fields in found["records"]]
    assert got == rows, (got, rows)
    assert [(line, at, unhex(raw)) for line, at, _, raw in found["rejects"]] == rejects, (found["rejects"], rejects)
    if not is_stray:
        whole = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
        assert whole[0] == columns
        whole = [row for row in whole[1:] if len(row) <= len(columns) and message_column(columns) < len(row)]
        assert [row + [""] * (len(columns) - len(row)) for row in whole] == [fields for _, _, fields in rows]
    assert is_damaged or not rejects
    check_csv_outputs(columns, rows, delimiter, found)


def prefixed(name, taken):
    while name in taken:
        name = "logsieve_" + name
    return name


def check_csv_outputs(columns, rows, delimiter, found):
    ours = [prefixed(name, columns) for name in OUR_NAMES]
    expected = [columns + ours] + [fields + OUR_FIELDS for _, _, fields in rows]
    got = list(csv.reader(io.StringIO(unhex(found["csv"]), newline=""), delimiter=delimiter))
    assert got == expected, (got, expected)
    tsv = [[tsv_unescape(field) for field in line.split("\t")] for line in unhex(found["tsv"]).split("\n")[:-1]]
    assert tsv == expected, (tsv, expected)
    objects = [json.loads(line) for line in bytes.fromhex(found["jsonl"]).split(b"\n")[:-1]]
    assert len(objects) == len(rows)
    for item, (_, _, fields) in zip(objects, rows):
        values = list(item.values())
        assert values[: len(columns)] == [f.encode("latin-1").decode("utf-8", "replace") for f in fields]
        assert values[len(columns) :] == [OUR_FIELDS[0], 0.25] + OUR_FIELDS[2:]


def tsv_unescape(field):
    out, at = "", 0
    while at < len(field):
        if field[at] == "\\":
            out += {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}[field[at + 1]]
            at += 2
        else:
            out += field[at]
            at += 1
    return out


# ---------------------------------------------------------------- JSONL


def random_value(rng, depth=0):
    kind = rng.randrange(9 if depth < 3 else 6)
    if kind == 0:
        return rng.choice([None, True, False])
    if kind == 1:
        return rng.choice([0, -1, 10**25, 1.5, -0.0, 1e300, 5e-324, rng.random()])
    if kind < 6:
        return random_text(rng) + rng.choice(["", "\ud83d", "\ude00", "\x7f", "\u2028"])
    if kind == 6:
        return [random_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(WORDS): random_value(rng, depth + 1) for _ in range(rng.randrange(4))}


def random_line(rng):
    names = MESSAGE_NAMES + ["Message", "LOG", "source", "n", "tier", "rule", "logsieve_rule", "caf\u00e9", "a\"b", ""]
    members = {rng.choice(names): random_value(rng) for _ in range(rng.randrange(6))}
    text = json.dumps(members, ensure_ascii=rng.random() < 0.5, indent=None,
                      separators=rng.choice([(",", ":"), (", ", ": "), (" ,\t", " : ")]))
    data = bytearray(text.encode("utf-8", "surrogatepass" if rng.random() < 0.2 else "replace"))
    if rng.random() < 0.4:
        for _ in range(rng.randrange(1, 3)):
            at = rng.randrange(len(data) + 1)
            piece = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u12", b"\xff", b"", b" ", b"0", b"e", b"\t", b"\0",
                     b"-", b".", b"tru", b"NaN", b"1"]
            data[at : at + rng.randrange(3)] = rng.choice(piece)
    return bytes(data).replace(b"\n", b" ")


def written_jsonl(rng):
    lines = [rng.choice([b"", b" "]) if rng.random() < 0.1 else random_line(rng) for _ in range(rng.randrange(5))]
    return rng.choice([b"\n", b"\r\n"]).join(lines) + rng.choice([b"", b"\n"])


def well_formed(text):
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def repaired(value):
    """The same with U+FFFD for surrogates without their pair, in keys and texts of any depth."""
    if isinstance(value, (list, tuple)):
        return type(value)(repaired(item) for item in value)
    return well_formed(value) if isinstance(value, str) else value


def refuse(name):
    raise ValueError(name)


def model_object(line):
    """The members as pairs, or None where json.loads refuses the line or it is no object."""
    try:
        pairs = json.loads(line, parse_constant=refuse, object_pairs_hook=lambda p: Pairs(p))
    except ValueError:
        return None
    return pairs if isinstance(pairs, Pairs) else None


class Pairs(list):
    def plain(self):
        return {key: value.plain() if isinstance(value, Pairs) else plain(value) for key, value in self}


def plain(value):
    if isinstance(value, Pairs):
        return value.plain()
    return [plain(v) for v in value] if isinstance(value, list) else value


def model_message(pairs):
    """The value of the best name, strings first, of equals the last; None if there is none."""
    best = None
    for key, value in pairs:
        place = rank(key)
        if place is None or value is None:
            continue
        place += 0 if isinstance(value, str) else 1000
        if best is None or place <= best[0]:
            best = (place, value)
    return best


def check_jsonl(case, found):
    expected, rejects = [], []
    lines = case[0].split(b"\n")
    for number, data in enumerate(lines, 1):
        if number == 1 and data.startswith(b"\xef\xbb\xbf"):
            data = data[3:]
        if data.endswith(b"\r"):
            data = data[:-1]
        if not data.strip(b" \t\r"):
            continue
        pairs = model_object(data.decode("utf-8", "replace"))
        best = model_message(pairs) if pairs is not None else None
        if best is None:
            rejects.append((number, len(expected) + len(rejects)))
        else:
            expected.append((number, best[1], pairs))
    assert [(line, at) for line, at, _, _ in found["rejects"]] == rejects, (case, found["rejects"], rejects)
    assert [record[0] for record in found["records"]] == [line for line, _, _ in expected]
    for record, (_, value, _) in zip(found["records"], expected):
        message = bytes.fromhex(record[1]).decode("utf-8")
        if isinstance(value, str):
            assert message == well_formed(value), (message, value)
        else:
            assert plain(json.loads(message, object_pairs_hook=Pairs)) == plain(value), (message, value)
    check_jsonl_outputs(expected, found)


def check_jsonl_outputs(expected, found):
    lines = bytes.fromhex(found["jsonl"]).decode("utf-8").split("\n")[:-1]
    assert len(lines) == len(expected)
    for line, (_, _, pairs) in zip(lines, expected):
        out = json.loads(line, object_pairs_hook=Pairs)
        names = [key for key, _ in pairs]
        assert out[: len(pairs)] == repaired(pairs), (out, pairs)
        ours = [(prefixed(name, names), value) for name, value in zip(OUR_NAMES, [OUR_FIELDS[0], 0.25] + OUR_FIELDS[2:])]
        assert [tuple(pair) for pair in out[len(pairs) :]] == ours, (out, ours)
    rows = list(csv.reader(io.StringIO(unhex(found["csv"]), newline="")))
    assert rows[0] == ["line", "message"] + OUR_NAMES
    for row, record in zip(rows[1:], found["records"], strict=True):
        assert row == [str(record[0]), unhex(record[1])] + OUR_FIELDS


# ---------------------------------------------------------------- all


def make_cases(files, seed):
    rng = random.Random(seed)
    for _ in range(files):
        kind = rng.randrange(3)
        if kind == 0:
            yield "csv", check_csv, (*written_csv(rng), False)
        elif kind == 1:
            yield "csv", check_csv, (*damaged_csv(rng), True)
        else:
            yield "jsonl", check_jsonl, (written_jsonl(rng),)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dump")
    parser.add_argument("--files", type=int, default=15000)
    parser.add_argument("--seed", type=int, default=20240601)
    args = parser.parse_args()
    cases = list(make_cases(args.files, args.seed))
    rng = random.Random(args.seed + 1)
    data = b"".join(b"%s %d %d\n%s" % (name.encode(), rng.choice([1, 3, 16, 100, 1 << 20]), len(case[0]), case[0])
                    for name, _, case in cases)
    done = subprocess.run([args.dump], input=data, stdout=subprocess.PIPE, check=True)
    results = done.stdout.decode().splitlines()
    assert len(results) == len(cases), (len(results), len(cases))
    records = rejects = 0
    for (_, check, case), result in zip(cases, results):
        found = json.loads(result)
        try:
            check(case, found)
        except AssertionError:
            print("differs on", case, file=sys.stderr)
            raise
        records += len(found["records"])
        rejects += len(found["rejects"])
    print(f"{len(cases)} files agree: {records} records, {rejects} rejects")
    assert records > args.files and rejects > args.files / 20, "the generator makes too little of something"


if __name__ == "__main__":
    main()
