{# Rows whose value is out of range; both ends, SQL expressions, are allowed values. A missing value is in every range. #}
{% test accepted_range(model, column_name, min_value, max_value="null") %}

select *

from {{ model }}

where {{ column_name }} < {{ min_value }} or {{ column_name }} > {{ max_value }}

{% endtest %}
