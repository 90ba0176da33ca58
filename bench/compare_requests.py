"""Memory and time that were asked for beside what was used, of every job that ran: the page docs/requests.md.

    python bench/compare_requests.py [CONFIG …] > docs/requests.md

What was used is what Snakemake wrote into benchmarks/; what is asked for is what a dry run says of the same jobs.
Snakemake looks at a job's memory every half minute, so the kernel's count, which a result's card.json holds, counts
where it is higher.
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "workflow/scripts")]

from needs import LEAST_MB, LEAST_MINUTES, SNAKEMAKE  # noqa: E402

MOST = 2.0  # times what was used, where that is above the floor
CONFIGS = ("config/tiny.yaml", "config/config.yaml")
HEAD = """# What is asked for and what is used

Made by `make requests` from the files that Snakemake writes into `benchmarks/`, after runs of
{configs} on two cores of an AMD EPYC. A request may be {most:g} times what was used, or the
floor, {mb:,} MB and {minutes} min. Of a rule's jobs the one of the worst ratio stands here, by memory and by time;
"floor" where no less is ever asked. Snakemake looks at a job's memory every half minute: where the kernel saw a higher
peak, by the `card.json` of the result, that counts. {snakemake} MB of it are the two Snakemakes that a Slurm job holds
besides: on the test Slurm one that was given less was stopped.

| rule | jobs | MB used | MB asked | ratio | minutes used | minutes asked | ratio |
|---|---|---|---|---|---|---|---|
"""


class Row(NamedTuple):
    """A job: its rule, and MB and minutes used and asked for."""

    rule: str
    job: str
    used: tuple[float, float]
    asked: tuple[float, float]

    def ratios(self) -> tuple[float, float]:
        """Asked for over what would have done: what was used, or half the floor where that is more."""
        floors = LEAST_MB / MOST, LEAST_MINUTES / MOST
        return tuple(ask / max(use, floor) for ask, use, floor in zip(self.asked, self.used, floors, strict=True))

    def least(self, part: int) -> bool:
        """Whether the floor is asked for, of memory (0) or time (1)."""
        return self.asked[part] == (LEAST_MB, LEAST_MINUTES)[part]

    def short(self) -> bool:
        """Whether less was asked for than was used."""
        return any(ask < use for ask, use in zip(self.asked, self.used, strict=True))


def main() -> None:
    """Print the page; exit status 1 where a request is over the limit or under what was used."""
    configs = sys.argv[1:] or CONFIGS
    rows = [row for config in configs for row in compared(requests(config), Path())]
    rows = list({row.job: row for row in rows}.values())
    if not rows:
        sys.exit("benchmarks/ holds none of these jobs: run `snakemake` with the same configuration first")
    sys.stdout.write(page(rows, configs))
    sys.exit(1 if faults(rows) else 0)


def requests(config: str) -> dict[str, tuple[str, float, float]]:
    """Rule, MB and minutes that each job of a configuration asks for, by its benchmark file."""
    words = ["snakemake", "-n", "--forceall", "--configfile", config]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
    return parsed(done.stdout + done.stderr)


def parsed(text: str) -> dict[str, tuple[str, float, float]]:
    """The same from what a dry run prints; jobs whose request depends on a file still to be made are left out."""
    found = {}
    for block in re.split(r"(?m)^(?:local)?rule ", text)[1:]:
        place = re.search(r"(?m)^    benchmark: (.+)$", block)
        asked = {name: re.search(rf"\b{name}=(\d+)", block) for name in ("mem_mb", "runtime")}
        if place and all(asked.values()):
            found[place[1]] = (block.split(":")[0], float(asked["mem_mb"][1]), float(asked["runtime"][1]))
    return found


def compared(asked: dict[str, tuple[str, float, float]], folder: Path) -> list[Row]:
    """The jobs that ran, what they used beside what they ask for."""
    rows, peaks = [], peak_memory(folder)
    for path, (rule, memory, minutes) in asked.items():
        if (folder / path).exists():
            names, values = ((folder / path).read_text().splitlines()[row].split("\t") for row in (0, -1))
            used = dict(zip(names, values, strict=True))
            most = SNAKEMAKE + max(float(used["max_rss"]), peaks.get(path, 0.0))
            rows.append(Row(rule, path, (most, float(used["s"]) / 60), (memory, minutes)))
    return rows


def peak_memory(folder: Path) -> dict[str, float]:
    """MB at the most by the kernel's count, from the cards of all results, by the job's benchmark file.

    A card's command names the log, and log and benchmark lie at the same path.
    """
    found = {}
    for path in (one for top in ("results", "resources") for one in (folder / top).rglob("*card.json")):
        card = json.loads(path.read_text())
        words = shlex.split(card.get("command", ""))  # a scorecard has none
        if "--log" in words:
            log = words[words.index("--log") + 1]
            found[re.sub(r"^logs/(.*)\.log$", r"benchmarks/\1.tsv", log)] = card["peak_memory_mb"]
    return found


def faults(rows: list[Row]) -> list[str]:
    """A line for each request that is too large or too small."""
    found = []
    for row in rows:
        for name, ratio in zip(("memory", "time"), row.ratios(), strict=True):
            found += [f"{row.job}: {name}: {ratio:.1f} times too much"] if ratio > MOST else []
        found += [f"{row.job}: less than was used"] if row.short() else []
    return found


def page(rows: list[Row], configs: list[str]) -> str:
    """The table, a line a rule, and the worst of all."""
    lines = []
    for rule in sorted({row.rule for row in rows}):
        mine = [row for row in rows if row.rule == rule]
        cells = [rule, str(len(mine))]
        for part in (0, 1):
            row = max(mine, key=lambda one: (one.ratios()[part], one.used[part]))
            ratio = "floor" if row.least(part) else f"{row.asked[part] / row.used[part]:.2f}"
            cells += [f"{row.used[part]:,.{part}f}", f"{row.asked[part]:,.0f}", ratio]
        lines.append("| " + " | ".join(cells) + " |\n")
    named = " and ".join(f"`{one}`" for one in configs)
    head = HEAD.format(configs=named, most=MOST, mb=LEAST_MB, minutes=LEAST_MINUTES, snakemake=SNAKEMAKE)
    worst = [max((row.ratios()[part] for row in rows if not row.least(part)), default=0.0) for part in (0, 1)]
    last = f"\nThe worst of {len(rows)} jobs above the floor: memory {worst[0]:.2f}, time {worst[1]:.2f} times.\n"
    return head + "".join(lines) + last + "".join(f"\n- {line}\n" for line in faults(rows))


if __name__ == "__main__":
    main()
