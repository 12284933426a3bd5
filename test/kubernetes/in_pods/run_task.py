"""Does what Airflow does in a task's pod, but for its supervisor and its database: runs the operator of a DAG.

run_task.py DAG TASK
"""

import sys
from types import SimpleNamespace

from airflow.dag_processing.dagbag import DagBag

FOLDER = "/opt/airflow/dags"

sys.path.insert(0, FOLDER)
dag_id, task_id = sys.argv[1:]
dag = DagBag(dag_folder=FOLDER, bundle_path=FOLDER, bundle_name="dags-folder").dags[dag_id]
# What operators use of a task's instance.
instance = SimpleNamespace(
    dag_id=dag_id,
    task_id=task_id,
    run_id="manual",
    map_index=-1,
    try_number=1,
    dag_run=None,
    xcom_push=lambda **_: None,
)
print(dag.get_task(task_id).execute({"dag": dag, "ti": instance, "run_id": "manual"}))
