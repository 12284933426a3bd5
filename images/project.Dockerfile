# The project's own files on top of an image of images/Dockerfile, for machines that cannot mount them from a directory.
# Its context is the project; .dockerignore there lets in what is copied here.
ARG PLATFORM_IMAGE
FROM ${PLATFORM_IMAGE} AS airflow
COPY dags /opt/airflow/dags

FROM ${PLATFORM_IMAGE} AS dbt
COPY dbt /opt/dbt/project
