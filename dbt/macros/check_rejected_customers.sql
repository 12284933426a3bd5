{#
    Counts the rejected rows by reason and fails when there are too many, before the table is replaced. Keeps the counts
    for the report, and the judged rows in memory: the model's own query has the same plan, so Spark reads the file once.
#}
{% macro check_rejected_customers() %}
    {% if execute %}
        {% set uri = env_var('LAKEHOUSE_RAW_DATA_URI') %}
        {% do run_query("cache lazy table judged_customers as " ~ judge_customers(source('raw', 'customers'))) %}
        {% set counts %}
            select
                count(*) as total,
                coalesce(max(row_lines), 0) as row_lines
                {%- for reason in rejection_reasons() %},
                count_if(rejection_reason = '{{ reason }}') as {{ reason }}
                {%- endfor %}
            from judged_customers
        {% endset %}
        {% set row = run_query(counts).rows[0] %}
        {% set rejected = [] %}
        {% for reason in rejection_reasons() %}
            {% do rejected.append(row[reason] | int) %}
        {% endfor %}

        {% if row['total'] == 0 %}
            {% do exceptions.raise_compiler_error(uri ~ " has a header but no rows.") %}
        {% elif row['row_lines'] > max_row_lines() %}
            {% do exceptions.raise_compiler_error(
                uri ~ ": a row spans " ~ row['row_lines'] ~ " lines (at most " ~ max_row_lines()
                ~ " are allowed): a quote is not closed or not doubled somewhere in it. Nothing was written."
            ) %}
        {% elif rejected | sum > max_rejected_share() * (row['total'] | int) %}
            {% set named = [] %}
            {% for reason in rejection_reasons() if row[reason] > 0 %}
                {% do named.append(reason ~ " " ~ row[reason]) %}
            {% endfor %}
            {% do exceptions.raise_compiler_error(
                uri ~ ": " ~ rejected | sum ~ " of " ~ row['total'] ~ " rows are rejected (" ~ named | join(", ")
                ~ "), more than the allowed " ~ (max_rejected_share() * 100) | int ~ "%. Nothing was written."
            ) %}
        {% endif %}

        {% do run_query(
            "create or replace temporary view rejected_customers as select * from values ("
            ~ rejected | join(", ") ~ ") as counts (" ~ rejection_reasons() | join(", ") ~ ")"
        ) %}
    {% endif %}
{% endmacro %}
