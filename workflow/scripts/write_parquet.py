"""Write a table of scored variants as Parquet, for tools that read columns: DuckDB, polars, Arrow, pandas."""

import dnalm.startup

import pyarrow as pa
from pyarrow import csv, parquet

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.errors import InputError
from dnalm.variants.scores import TOKENS

TEXT = ("chrom", "id", "ref", "alt", "normal", "class", "consequence", "protein", "matched_by", "split", "skipped")
WHOLE = ("pos", "alt_index", "edge", "null", *TOKENS)  # all others are measured, in double precision


def main(*, table: Input, out: Output) -> None:
    """The columns and rows of --table as they stand (pos from 1, as in a VCF); empty cells are null.

    What a column holds is told by its name, so that contigs named 1 and 2 are text and a column without a score is of
    numbers. A few megabytes are held at a time, however many variants there are.
    """
    how = csv.ParseOptions(delimiter="\t")
    try:
        with csv.open_csv(table, parse_options=how) as rows:
            names = rows.schema.names
        if missing := {"chrom", "pos", "ref", "alt"} - set(names):
            raise InputError(
                f"{table}: no column {', '.join(sorted(missing))}; give the table that score_variants wrote"
            )
        types = {name: _type(name) for name in names}
        cells = csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True)
        with (
            csv.open_csv(table, parse_options=how, convert_options=cells) as rows,
            files.whole(out) as beside,
            parquet.ParquetWriter(beside, rows.schema, compression="zstd") as writer,
        ):
            for batch in rows:
                writer.write_batch(batch)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{table}: {error}; wanted the table that score_variants wrote, whole") from None


def _type(name: str) -> pa.DataType:
    return pa.string() if name in TEXT else pa.int64() if name in WHOLE else pa.float64()


if __name__ == "__main__":
    cli.run(main)
