"""Tries to write objects in several places of the lake bucket, and prints those where it could."""

import os

import boto3
from botocore.exceptions import ClientError

bucket = os.environ["LAKEHOUSE_LAKE_URI"].removeprefix("s3a://")
s3 = boto3.client("s3", endpoint_url=os.environ["LAKEHOUSE_S3_ENDPOINT"])
written = []
for key in ("duck_db/x", "elsewhere/x", "spark_job/x", "warehouse/x"):
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
    else:
        written.append(key)
print(written)
