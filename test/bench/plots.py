#!/usr/bin/env python3
"""Draws what the benches wrote: plots.py FIGURES PLOTS [README]

FIGURES is the directory with their JSON files; the SVG files go to PLOTS:
ratios.svg, the time of each figure beside what it was compared with, and
growth.svg, how time grows.  With README the ratios are those of its table.
"""

import glob
import json
import math
import os
import re
import statistics
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "cassandra_fdw"
matplotlib.rcParams["svg.fonttype"] = "none"
import matplotlib.pyplot as plt  # noqa: E402

OURS, THEIRS, WRITTEN = "#2f6f9f", "#8a8a8a", "#c26a2d"
PANELS = ("rows", "keys", "sessions", "nodes")


def save(figure, directory, name):
    figure.savefig(os.path.join(directory, name + ".svg"),
                   bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def table_ratios(path):
    """The rows of README's table of speed: (what, beside what, ratio).  "The
    same" is what the row above says, and so is what is left out."""
    with open(path, encoding="utf-8") as file:
        text = file.read().replace("`", "")
    what, beside = None, None
    for line in re.findall(r"^\| (.* \| [0-9.]+) \|$", text, flags=re.M):
        name, _, other, ratio = line.split(" | ")
        if not name.startswith("the same"):
            what = name
        other = re.sub(r"(: )?[0-9.]+ s$", "", other)
        if other not in ("", "the same"):
            beside = other
        yield name.replace("the same", what), beside, float(ratio)


def draw_ratios(ratios, directory):
    ratios = sorted(ratios, key=lambda one: -one[2])
    figure, axes = plt.subplots(figsize=(6, 0.3 * len(ratios) + 0.8))
    axes.barh(range(len(ratios)), [ratio for _, _, ratio in ratios],
              color=OURS, height=0.7)
    axes.set_yticks(range(len(ratios)), [
        "%s / %s" % (what, beside) for what, beside, _ in ratios], fontsize=8)
    axes.axvline(1, color="black", linewidth=0.8)
    for i, (_, _, ratio) in enumerate(ratios):
        axes.annotate("%.2f" % ratio, (ratio, i), (5, 0),
                      textcoords="offset points", va="center", fontsize=8,
                      bbox={"color": "white", "pad": 0.5})
    axes.set_xlabel("time of cassandra_fdw, as a share of the other's",
                    fontsize=9)
    axes.margins(y=0.01)
    axes.spines[["top", "right"]].set_visible(False)
    save(figure, directory, "ratios")


def draw_curve(axes, name, points):
    """Ours, and the driver's where it was measured."""
    counts = [point["count"] for point in points]
    done = re.search(r"(read|written)$|$", name).group()
    by = done and done + " by "
    axes.plot(counts, [point["seconds"] for point in points], "o-",
              color=WRITTEN if done == "written" else OURS, markersize=4,
              label=by + "cassandra_fdw")
    if points[0]["their_seconds"] is not None:
        axes.plot(counts, [point["their_seconds"] for point in points], "s--",
                  color=THEIRS, markersize=4, label=by + "the driver")


def draw_growth(curves, directory):
    """A panel for each thing that grows."""
    figure, panels = plt.subplots(2, 2, figsize=(8.5, 6.2),
                                  layout="constrained")
    for axes, panel in zip(panels.flat, PANELS):
        for name in sorted(curves):
            if name.startswith(panel):
                draw_curve(axes, name, sorted(
                    curves[name], key=lambda point: point["count"]))
                label = re.sub(r",? (read|written)$", "", name)
        axes.set_xlabel(label, fontsize=9)
        axes.set_ylabel("seconds", fontsize=9)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        if panel == "nodes":
            axes.set_ylim(bottom=0)
        else:
            axes.set(xscale="log", yscale="log")
            low, high = axes.get_ylim()
            axes.set_ylim(10 ** math.floor(math.log10(low)),
                          10 ** math.ceil(math.log10(high)))
            axes.yaxis.set_major_formatter("{x:g}")
        axes.set_xticks(axes.lines[0].get_xdata())
        axes.minorticks_off()
        axes.xaxis.set_major_formatter("{x:,.0f}")
        if len(axes.lines) > 1:
            axes.legend(frameon=False, fontsize=8)
    save(figure, directory, "growth")


def main():
    source, target = sys.argv[1:3]
    os.makedirs(target, exist_ok=True)
    ratios, curves = [], {}
    for path in sorted(glob.glob(os.path.join(source, "bench*.json"))):
        with open(path, encoding="utf-8") as file:
            figures = json.load(file)
        for one in figures["ratios"]:
            ratios.append((one["name"], one["beside"],
                           statistics.median(one["seconds"])
                           / statistics.median(one["their_seconds"])))
        for point in figures["growth"]:
            curves.setdefault(point["name"], []).append(point)
    if len(sys.argv) > 3:
        ratios = list(table_ratios(sys.argv[3]))
    if ratios:
        draw_ratios(ratios, target)
    if curves:
        draw_growth(curves, target)


if __name__ == "__main__":
    main()
