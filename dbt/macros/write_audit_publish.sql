{#
    Write, audit, publish: a run writes every model to a branch of its Iceberg table, tests read that branch, and only when
    all models and tests of the run have passed do the tables' main branches, which everybody else reads, move to it.
    A branch is named for its run; those of runs that were killed are dropped by the next one.
#}

{# Session-wide; Iceberg heeds it for tables with write.wap.enabled. #}
{% macro begin_audit() %}
    {% if execute %}
        {% do run_query("set spark.wap.branch = " ~ audit_branch()) %}
    {% endif %}
{% endmacro %}

{% macro audit_branch() %}{% do return("dbt_" ~ invocation_id | replace("-", "_")) %}{% endmacro %}

{# Moves the tables to what was written, or names what failed and leaves them; either way no branch stays. #}
{% macro end_audit(results) %}
    {% if execute %}
        {% set models = results | selectattr('node.resource_type', 'eq', 'model') | list %}
        {% set bad = results | rejectattr('status', 'in', ['success', 'pass', 'warn', 'no-op']) | list %}
        {% for result in bad if result.status != 'skipped' %}
            {% set tested = result.node.attached_node or result.node.depends_on.nodes | first %}
            {% do log(
                "FAILED: " ~ result.node.resource_type ~ " " ~ result.node.name
                ~ (" of model " ~ tested.split('.') | last if 'test' in result.node.resource_type else "")
                ~ (": " ~ result.message if result.message else ""),
                info=true
            ) %}
        {% endfor %}
        {% do run_query("reset spark.wap.branch") %}
        {% set catalog = run_query("select current_catalog()").rows[0][0] %}
        {% for model in models if model.status == 'success' %}
            {% set table = catalog ~ "." ~ model.node.relation_name %}
            {% for ref in run_query("select name, snapshot_id from " ~ table ~ ".refs where name like 'dbt\\_%'").rows %}
                {% if ref['name'] == audit_branch() and not bad %}
                    {% do run_query("alter table " ~ table ~ " create or replace branch main as of version " ~ ref['snapshot_id']) %}
                {% endif %}
                {% do run_query("alter table " ~ table ~ " drop branch " ~ ref['name']) %}
            {% endfor %}
        {% endfor %}
        {% if bad and models %}
            {% do log("Nothing was published: every table has the rows that it had before.", info=true) %}
        {% endif %}
    {% endif %}
{% endmacro %}

{#
    What dbt-spark does for a table, `create or replace`, would empty the main branch: an existing table gets new rows
    instead. Its columns are those of all branches, so a removed one is gone, and a new one empty, before the rows are there.
#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') %}
    {% set table = none if temporary else adapter.get_relation(relation.database, relation.schema, relation.identifier) %}
    {% if table is none or not table.is_iceberg %}
        {{ return(dbt.spark__create_table_as(temporary, relation, compiled_code, language)) }}
    {% endif %}
    {% set old, new = column_types("select * from " ~ relation), column_types(compiled_code) %}
    {% for name, type in old.items() if new.get(name) != type %}
        {% do run_query("alter table " ~ relation ~ " drop column `" ~ name ~ "`") %}
    {% endfor %}
    {% for name, type in new.items() if old.get(name) != type %}
        {% do run_query("alter table " ~ relation ~ " add column `" ~ name ~ "` " ~ type) %}
    {% endfor %}
    {% do run_query("alter table " ~ relation ~ " set " ~ tblproperties_clause()) %}
    insert overwrite {{ relation }} by name {{ compiled_code }}
{% endmacro %}

{% macro column_types(query) %}
    {% set types = {} %}
    {% for row in run_query("describe query " ~ query).rows %}
        {% do types.update({row['col_name']: row['data_type']}) %}
    {% endfor %}
    {% do return(types) %}
{% endmacro %}
