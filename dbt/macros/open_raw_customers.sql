{#
    Gives the customers file a name in this run's Spark session: global_temp.raw_customers, which is the source
    raw.customers; and the file itself another one, global_temp.raw_customers_file. Fails when the file is missing or
    empty, or lacks a column.
#}
{% macro open_raw_customers() %}
    {% if execute %}
        {% set uri = env_var('LAKEHOUSE_RAW_DATA_URI') %}
        {% set path = "path '" ~ (uri | replace("\\", "\\\\") | replace("'", "\\'")) ~ "'" %}
        {# Quotes are doubled, as spreadsheets and RFC 4180 do, and may hold line breaks. #}
        {% set options = path ~ ", header 'true', escape '\"', multiLine 'true', mode 'PERMISSIVE',"
            ~ " columnNameOfCorruptRecord '_corrupt_record'" %}

        {# By a view: binaryFile.`path` would first be looked up in the catalog, and a REST server may refuse such a name. #}
        {% do run_query("create or replace global temporary view raw_customers_file using binaryFile options (" ~ path ~ ")") %}

        {# Without a schema Spark takes the names from the header. #}
        {% do run_query("create or replace temporary view raw_customers_header using csv options (" ~ options ~ ")") %}
        {% set header = run_query("describe table raw_customers_header").columns[0].values() %}
        {% set missing = customer_columns().keys() | reject('in', header) | list %}
        {% if header | length == 0 %}
            {% do exceptions.raise_compiler_error(uri ~ " is empty; it needs a header and rows.") %}
        {% elif missing %}
            {% do exceptions.raise_compiler_error(
                uri ~ " has no column '" ~ missing | join("', '") ~ "'; its header has '" ~ header | join("', '")
                ~ "', needed are '" ~ customer_columns().keys() | join("', '") ~ "'."
            ) %}
        {% endif %}

        {% set schema = [] %}
        {% for name in header %}
            {% do schema.append("`" ~ (name | replace("`", "``")) ~ "` string") %}
        {% endfor %}
        {% do run_query(
            "create or replace global temporary view raw_customers (" ~ schema | join(", ")
            ~ ", _corrupt_record string) using csv options (" ~ options ~ ")"
        ) %}
    {% endif %}
{% endmacro %}
