{#
    Prints one line, LAKEHOUSE_REPORT and JSON, that dbt_dag returns: rows written (of the staging models; every model's
    in "models") and rows rejected by reason.
#}
{% macro report_results(results) %}
    {% if execute %}
        {% set models = {} %}
        {% set staged = [] %}
        {% for result in results if result.node.resource_type == 'model' and result.status == 'success' %}
            {% set name = result.node.name %}
            {% set rows = run_query("select count(*) from " ~ result.node.relation_name).rows[0][0] | int %}
            {% do models.update({name: rows}) %}
            {% if 'staging' in result.node.fqn %}{% do staged.append(rows) %}{% endif %}
        {% endfor %}
        {% set rejected = {} %}
        {% if 'stg_customers' in models %}
            {% set row = run_query("select * from rejected_customers").rows[0] %}
            {% for reason in rejection_reasons() %}
                {% do rejected.update({reason: row[reason] | int}) %}
            {% endfor %}
        {% endif %}
        {% do print("LAKEHOUSE_REPORT " ~ tojson({
            "rows_written": staged | sum,
            "rows_rejected": rejected,
            "models": models,
            "source": env_var('LAKEHOUSE_RAW_DATA_URI'),
        })) %}
    {% endif %}
{% endmacro %}
