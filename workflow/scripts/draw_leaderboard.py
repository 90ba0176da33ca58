"""Draw every model of a target beside the baselines: AUPRC and AUROC with their intervals."""

from dnalm import cli, plots
from dnalm.cli import Input, Output


def main(*, table: Input, out: Output) -> None:
    """Draw the leaderboard that `rank_models` wrote, best AUPRC on top."""
    rows = plots.read_table(table, ["name", "auprc", "auroc"])
    rows = rows.sort_values("auprc", na_position="first", kind="stable").reset_index(drop=True)
    with plots.figure(out, 11.5, 1.3 + 0.32 * max(len(rows), 2)) as figure:
        left, right = figure.subplots(1, 2, sharey=True)
        prevalence = rows.prevalence.dropna().mean() if "prevalence" in rows else None
        panel(left, rows, "auprc", prevalence, "prevalence")
        panel(right, rows, "auroc", 0.5, "chance")


def panel(axes: Axes, rows: pd.DataFrame, metric: str, chance: float | None, name: str) -> None:
    """One metric of every row as a dot with its interval; a dashed line where a coin would be."""
    if rows.empty:
        plots.say(axes, "not defined: no model was evaluated")
        return
    for y, row in enumerate(rows.to_dict("records")):
        value = {"value": row[metric], "low": row.get(f"{metric}_low"), "high": row.get(f"{metric}_high")}
        plots.dot(axes, y, value | {"reason": row.get(f"{metric}_reason")}, plots.COLOURS.get(row["name"], plots.BLUE))
    if plots.known(chance):
        axes.axvline(chance, color=plots.FAINT, linestyle="--", linewidth=1)
        axes.text(chance, len(rows) - 0.35, f"{name} {chance:.3g}", color=plots.FAINT, fontsize=7.5, ha="center")
    axes.set_yticks(range(len(rows)), rows["name"])
    axes.set(xlim=(0, 1.0), ylim=(-0.6, len(rows) - 0.1), xlabel=metric.upper())
    axes.grid(axis="x")


if __name__ == "__main__":
    cli.run(main)
