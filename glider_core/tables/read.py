"""An uploaded table: read safely, and checked."""

from __future__ import annotations

import io

import pandas as pd

from glider_core.errors import InvalidInput
from glider_core.tables.values import with_text_names

MAX_BYTES = 50_000_000
MAX_ROWS = 1_000_000
MIN_ROWS = 100
MAX_COLUMNS = 200


def read_table(content: bytes, name: str) -> pd.DataFrame:
    """An uploaded CSV (or TSV) or Parquet file.

    Raises:
        InvalidInput: too large, unreadable, too few rows, too many columns, or columns of one name.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"The file has {len(content) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read.")
    try:
        if name.lower().endswith((".parquet", ".pq")) or content[:4] == b"PAR1":
            table = _read_parquet(content)
        else:
            head = content[:10_000].decode("utf-8-sig", errors="replace").splitlines() or [""]
            separator = max("\t,;|", key=head[0].count)
            table = pd.read_csv(
                io.BytesIO(content),
                sep=separator,
                nrows=MAX_ROWS + 1,
                skipinitialspace=True,
                low_memory=False,
                encoding="utf-8-sig",
            )
    except InvalidInput:
        raise
    except Exception as error:  # pandas, pyarrow and the codecs each have their own
        raise InvalidInput(
            f"The file cannot be read as a table ({type(error).__name__}: {str(error)[:120]}). "
            "Give CSV in UTF-8 with a header line, or Parquet."
        ) from None
    table.columns = [str(column).strip() for column in table.columns]
    check_table(table)
    return table


def _read_parquet(content: bytes) -> pd.DataFrame:
    import pyarrow.parquet as parquet

    file = parquet.ParquetFile(io.BytesIO(content))
    rows, columns = file.metadata.num_rows, file.metadata.num_columns
    # From the footer, before anything is unpacked: a small file may unpack to a huge table.
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise InvalidInput(
            f"The table has {rows:,} rows and {columns:,} columns; at most {MAX_ROWS:,} and {MAX_COLUMNS} can be read."
        )
    if sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups)) > 20 * MAX_BYTES:
        raise InvalidInput("The table unpacks to more than 1 GB; give fewer rows or columns.")
    return file.read().to_pandas()


def check_table(table: pd.DataFrame) -> None:
    """Raise InvalidInput for a table that cannot be learned from."""
    rows, columns = table.shape
    if columns > MAX_COLUMNS:
        raise InvalidInput(f"The table has {columns} columns; at most {MAX_COLUMNS} can be used. Keep the useful ones.")
    if rows > MAX_ROWS:
        raise InvalidInput(f"The table has more than {MAX_ROWS:,} rows; give a sample of it.")
    if rows < MIN_ROWS:
        raise InvalidInput(f"The table has {rows} rows; at least {MIN_ROWS} are needed to learn and to measure.")
    if columns < 3:
        raise InvalidInput(f"The table has {columns} columns; a target and at least two fields are needed.")
    with_text_names(table)
