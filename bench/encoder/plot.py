"""Draws bench/runs/DATE-encoder.json as bars: real tokens a second of every library and of ours, in file order and sorted.

    plot.py RUN.json OUT.svg [TEXTS]      TEXTS: loghub or seed_family [loghub]
"""

import json
import sys

NAMES = {
    "ort-fp32": "ONNX Runtime fp32",
    "ct2-fp32": "CTranslate2 fp32",
    "exact": "logsieve exact",
    "ort-int8": "ONNX Runtime int8",
    "ct2-int8": "CTranslate2 int8",
    "fast": "logsieve fast",
}
SORTED, FILE, OURS = "#9db4c8", "#4f7396", "#c8552d"
LEFT, WIDTH, ROW, TOP = 150, 560, 46, 34


def speeds(runs, texts):
    """Returns {name: {order: tokens/s}}; ours takes any order, so both bars are one."""
    found = {name: {} for name in NAMES}
    for mode in ("exact", "fast"):
        for row in runs[f"{texts}-{mode}"]["rows"]:
            if row["name"] == "ours-encode":
                found[mode] = {"file": row["tokens_per_s"]}
            elif row["name"] in found:
                orders = found[row["name"]]
                orders[row["order"]] = max(orders.get(row["order"], 0), row["tokens_per_s"])
    return found


def bar(y, height, value, largest, colour, label):
    width = WIDTH * value / largest
    return (f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{height}" fill="{colour}"/>'
            f'<text x="{LEFT + width + 6:.1f}" y="{y + height - 4}" fill="#555">{label}</text>')


def draw(runs, texts):
    found = speeds(runs, texts)
    largest = max(value for orders in found.values() for value in orders.values())
    parts = []
    for place, (name, orders) in enumerate(found.items()):
        y = TOP + place * ROW
        parts.append(f'<text x="{LEFT - 8}" y="{y + 24}" text-anchor="end">{NAMES[name]}</text>')
        if name in ("exact", "fast"):
            parts.append(bar(y + 4, 32, orders["file"], largest, OURS, f"{orders['file'] / 1000:.1f} k"))
            continue
        for shift, order, colour in ((4, "sorted", SORTED), (21, "file", FILE)):
            parts.append(bar(y + shift, 15, orders[order], largest, colour, f"{orders[order] / 1000:.1f} k {order}"))
    height = TOP + len(found) * ROW + 8
    total = LEFT + WIDTH + 130
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{height}" viewBox="0 0 {total} {height}" '
            'font-family="sans-serif" font-size="13">'
            f'<rect width="{total}" height="{height}" fill="#fff"/>'
            f'<text x="{LEFT}" y="20" font-weight="bold">Real tokens a second, two threads ({texts.replace("_", "-")} lines)'
            "</text>" + "".join(parts) + "</svg>\n")


def main():
    run, out, *texts = sys.argv[1:]
    with open(run, encoding="utf-8") as file:
        runs = json.load(file)
    with open(out, "w", encoding="utf-8") as file:
        file.write(draw(runs, texts[0] if texts else "loghub"))


if __name__ == "__main__":
    main()
