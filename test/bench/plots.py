#!/usr/bin/env python3
"""Draws what the benches wrote: plots.py FIGURES PLOTS

FIGURES is the directory with their JSON files; the SVG files go to PLOTS:
ratios.svg, the time of each figure beside what it was compared with, and
growth-NAME.svg, how time grows.
"""

import glob
import json
import os
import re
import statistics
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "cassandra_fdw"
matplotlib.rcParams["svg.fonttype"] = "none"
import matplotlib.pyplot as plt  # noqa: E402

OURS, THEIRS = "#2f6f9f", "#b8b8b8"


def save(figure, directory, name):
    figure.savefig(os.path.join(directory, name + ".svg"),
                   bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def draw_ratios(ratios, directory):
    ratios = sorted(ratios, key=lambda one: -one["ratio"])
    figure, axes = plt.subplots(figsize=(8, 0.32 * len(ratios) + 1))
    axes.barh(range(len(ratios)), [one["ratio"] for one in ratios],
              color=OURS)
    axes.set_yticks(range(len(ratios)), [
        "%s : %s" % (one["name"], one["beside"]) for one in ratios],
        fontsize=8)
    axes.axvline(1, color="black", linewidth=0.8)
    for i, one in enumerate(ratios):
        axes.text(one["ratio"], i, " %.2f" % one["ratio"], va="center",
                  fontsize=8)
    axes.set_xlabel("time of cassandra_fdw, as a share of the other's")
    axes.spines[["top", "right"]].set_visible(False)
    save(figure, directory, "ratios")


def draw_growth(name, points, directory):
    points = sorted(points, key=lambda point: point["count"])
    counts = [point["count"] for point in points]
    figure, axes = plt.subplots(figsize=(5, 3.5))
    axes.loglog(counts, [point["seconds"] for point in points], "o-",
                color=OURS, label="cassandra_fdw")
    if points[0]["their_seconds"] is not None:
        axes.loglog(counts, [point["their_seconds"] for point in points],
                    "s--", color=THEIRS, label="driver, 64 in flight")
        axes.legend(frameon=False)
    axes.set_xlabel(name)
    axes.set_ylabel("seconds")
    axes.spines[["top", "right"]].set_visible(False)
    save(figure, directory,
         "growth-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"))


def main():
    source, target = sys.argv[1:3]
    ratios, growth = [], {}
    for path in sorted(glob.glob(os.path.join(source, "bench*.json"))):
        with open(path, encoding="utf-8") as file:
            figures = json.load(file)
        for one in figures["ratios"]:
            one["ratio"] = (statistics.median(one["seconds"])
                            / statistics.median(one["their_seconds"]))
            ratios.append(one)
        for point in figures["growth"]:
            growth.setdefault(point["name"], []).append(point)
    draw_ratios(ratios, target)
    for name, points in growth.items():
        draw_growth(name, points, target)


if __name__ == "__main__":
    main()
