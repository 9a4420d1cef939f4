"""Decodes a Parquet file once in a process of its own, with a limit on memory; run as a script, knows nothing else.

A file tells in its footer how much its pages unpack to, and nobody makes it tell the truth; texts that are written as
differences from the text before may unpack to any size whatever. Who has decoded it here may decode it where it counts.

Standard input: a line of JSON with the columns to decode, those of them that are read as dictionaries, and how many
bytes they may take; then the file. Standard output: "fits", or what is wrong with the file; nothing: it takes too much.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import suppress

LIMIT = 2_500_000_000  # bytes of address space, where the system keeps to it; some 400 MB of it are libraries
FITS = "fits"


def main() -> None:
    """Answer the one question on standard input."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # the others reserve much more than they use
    question, _, content = sys.stdin.buffer.read().partition(b"\n")
    columns, texts, most = json.loads(question)
    import pyarrow as pa
    import pyarrow.parquet as parquet

    pa.set_cpu_count(1)
    try:
        with parquet.ParquetFile(io.BytesIO(content), read_dictionary=texts) as file:
            for group in range(file.metadata.num_row_groups):
                for column in columns:
                    most -= file.read_row_group(group, columns=[column], use_threads=False).nbytes
                    if most < 0:
                        return
        print(FITS)
    except MemoryError:  # pyarrow's, too
        pass
    except Exception as error:
        print(f"{type(error).__name__}: {str(error)[:100]}")


if __name__ == "__main__":
    main()
