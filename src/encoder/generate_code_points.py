#!/usr/bin/env python3
"""Writes code_points.inc from tokenizer_codepoints.tsv (golden reference data, section 1).

    src/encoder/generate_code_points.py TOKENIZER_CODEPOINTS.TSV > src/encoder/code_points.inc

The table was probed from the reference tokenizer over all 1,112,064 code points, so it holds whatever Unicode
versions that program mixes. It becomes a two-stage table: kBlockOf[code point / kBlockSize] names a block, the
block's entry is a class below kFirstMapped, or kFirstMapped + the place of the replacement in kReplacements.
"""
import hashlib
import sys

CODE_POINTS = 0x110000
CLASSES = {"keep": 0, "removed": 1, "space": 2, "punct": 3, "cjk": 4, "hangul": 5}
FIRST_MAPPED = 8
LAST = 0x80000000  # the last code point of a replacement
ALONE = 0x40000000  # a word of its own
SPACE = 0x20


def read_table(text):
    """Class or list of replacing code points, by code point."""
    table = ["keep"] * CODE_POINTS
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        first, last, kind, *output = line.split("\t")
        value = [int(c, 16) for c in output[0].split()] if kind == "map" else kind
        for code_point in range(int(first, 16), int(last, 16) + 1):
            table[code_point] = value
    return table


def replacement(output, table):
    """The replacement as it is stored: code points with LAST and ALONE flags, spaces turned into ALONE."""
    if SPACE in output:
        if len(output) != 3 or output[0] != SPACE or output[2] != SPACE:
            sys.exit(f"unexpected replacement {output}: spaces other than around one code point")
        return [output[1] | ALONE | LAST]
    stored = [c | (ALONE if table[c] == "punct" else 0) for c in output]
    stored[-1] |= LAST
    return stored


def encode(table):
    """Entries (one a code point) and the replacements they point to."""
    entries, replacements, places = [], [], {}
    for value in table:
        if isinstance(value, str):
            entries.append(CLASSES[value])
            continue
        key = tuple(replacement(value, table))
        if key not in places:
            places[key] = len(replacements)
            replacements.extend(key)
        entries.append(FIRST_MAPPED + places[key])
    return entries, replacements


def split(entries, size):
    blocks, block_of, seen = [], [], {}
    for start in range(0, CODE_POINTS, size):
        block = tuple(entries[start : start + size])
        if block not in seen:
            seen[block] = len(blocks)
            blocks.append(block)
        block_of.append(seen[block])
    return blocks, block_of


def print_array(kind, name, values, style):
    print(f"inline constexpr {kind} {name}[{len(values)}] = {{")
    line = ""
    for value in values:
        text = style.format(value) + ","
        if len(line) + len(text) > 110:
            print(line)
            line = ""
        line += text
    print(line + "};")


def main():
    raw = open(sys.argv[1], "rb").read()
    entries, replacements = encode(read_table(raw.decode("ascii")))
    cost = lambda size: 2 * size * len(split(entries, size)[0]) + 2 * (CODE_POINTS // size)
    size = min((32, 64, 128, 256), key=cost)
    blocks, block_of = split(entries, size)
    print("// Made by src/encoder/generate_code_points.py; do not edit. Source: tokenizer_codepoints.tsv,")
    print(f"// SHA-256 {hashlib.sha256(raw).hexdigest()}.")
    print("// clang-format off")
    print(f"inline constexpr std::size_t kBlockSize = {size};")
    print(f"inline constexpr std::uint16_t kFirstMapped = {FIRST_MAPPED};")
    print_array("std::uint16_t", "kBlockOf", block_of, "{}")
    print_array("std::uint16_t", "kBlocks", [e for block in blocks for e in block], "{}")
    print_array("std::uint32_t", "kReplacements", replacements, "0x{:X}U")
    print("// clang-format on")


if __name__ == "__main__":
    main()
