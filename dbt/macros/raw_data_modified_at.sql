{# Query for the time at which the customers file was put where it is; reads nothing of its content. #}
{% macro raw_data_modified_at() -%}
    select max(modificationTime) from global_temp.raw_customers_file
{%- endmacro %}
