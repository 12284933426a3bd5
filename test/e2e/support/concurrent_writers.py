"""A Spark driver with several writers on one table, for containers that are drivers: spark-submit FILE TABLE WRITERS.

WRITERS are numbers and `merge`. A number appends its five rows in a commit each; `merge` marks the rows below 100 and
adds row 100. All begin at once.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pyspark.sql import SparkSession

ROWS = 5

table, *writers = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()
begin = Barrier(len(writers))


def write(writer: str) -> None:
    """Write what this writer has to write."""
    begin.wait()
    if writer == "merge":
        spark.sql(
            f"merge into {table} t using (select id from range(101)) s on t.id = s.id "
            "when matched then update set marked = true when not matched then insert (id, marked) values (s.id, true)"
        )
        return
    first = 1000 * int(writer)
    for row in range(first, first + ROWS):
        spark.range(row, row + 1).selectExpr("id", "false as marked").coalesce(1).writeTo(table).append()


with ThreadPoolExecutor(len(writers)) as pool:
    list(pool.map(write, writers))
spark.stop()
