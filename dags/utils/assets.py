"""The Iceberg tables as Airflow's assets: who writes one declares it as outlet, who is to run after it as schedule."""

from airflow.sdk import Asset

RAW_CUSTOMERS = Asset("lakehouse.raw.customers")
RAW_QUARANTINE = Asset("lakehouse.raw.quarantine_customers")
STG_CUSTOMERS = Asset("lakehouse.analytics.stg_customers")
CUSTOMERS_BY_COUNTRY = Asset("lakehouse.analytics.customers_by_country")
ANALYTICS_QUARANTINE = Asset("lakehouse.analytics.quarantine_customers")
