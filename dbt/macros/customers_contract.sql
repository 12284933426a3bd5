{#
    The contract of the customers file, as dags/utils/customers.py has it for Spark and DuckDB:
    test/python/test_contract.py compares the two.
#}

{# Column of the file -> column of the tables. #}
{% macro customer_columns() %}
    {% do return({
        'Index': 'index',
        'Customer Id': 'customer_id',
        'First Name': 'first_name',
        'Last Name': 'last_name',
        'Company': 'company',
        'City': 'city',
        'Country': 'country',
        'Phone 1': 'phone_1',
        'Phone 2': 'phone_2',
        'Email': 'email',
        'Subscription Date': 'subscription_date',
        'Website': 'website',
    }) %}
{% endmacro %}

{# In this order: a row is counted under the first reason that holds. #}
{% macro rejection_reasons() %}
    {% do return([
        'malformed_row',
        'missing_customer_id',
        'invalid_subscription_date',
        'duplicate_customer_id',
    ]) %}
{% endmacro %}

{% macro max_rejected_share() %}{% do return(0.05) %}{% endmacro %}

{# A row of more lines is what follows an unbalanced quote. #}
{% macro max_row_lines() %}{% do return(50) %}{% endmacro %}
