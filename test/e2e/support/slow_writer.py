"""A Spark driver whose append has a data file in the store and no end yet: spark-submit FILE TABLE GO FIRST.

The second of its two tasks waits until the file GO exists; the append commits after both. It adds the rows FIRST and
FIRST + 1.
"""

import sys
import time
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

table, go, first = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
# Before the function, whose type it reads.
spark = SparkSession.builder.getOrCreate()


@udf("boolean")
def allowed(row: int) -> bool:
    """Hold the second row back."""
    while row > first and not go.exists():
        time.sleep(0.1)
    return True


spark.range(first, first + 2, numPartitions=2).where(allowed("id")).writeTo(table).append()
spark.stop()
