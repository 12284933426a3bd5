"""The Iceberg tables as Airflow's assets: who writes one declares it as outlet, who is to run after it as schedule.

The schemas are named by the environment that all of Airflow's services share; where it says nothing, as on a laptop.
"""

import os

from airflow.sdk import Asset

_RAW = f"lakehouse.{os.environ.get('LAKEHOUSE_RAW_SCHEMA') or 'raw'}"
_ANALYTICS = f"lakehouse.{os.environ.get('LAKEHOUSE_DBT_SCHEMA') or 'analytics'}"

RAW_CUSTOMERS = Asset(f"{_RAW}.customers")
RAW_QUARANTINE = Asset(f"{_RAW}.quarantine_customers")
STG_CUSTOMERS = Asset(f"{_ANALYTICS}.stg_customers")
CUSTOMERS_BY_COUNTRY = Asset(f"{_ANALYTICS}.customers_by_country")
ANALYTICS_QUARANTINE = Asset(f"{_ANALYTICS}.quarantine_customers")
