-- depends_on: {{ ref('stg_customers') }}: its hook refuses a file that is too bad, and keeps the judged rows in memory.
with

judged as (

    {{ judge_customers(source('raw', 'customers')) }}

),

rejected as (

    select
        {%- for column in customer_columns().values() %}
        {% if column in ('index', 'subscription_date') %}raw_{{ column }} as {% endif %}{{ column }},
        {%- endfor %}
        raw_row,
        rejection_reason,
        ({{ raw_data_modified_at() }}) as file_modified_at

    from judged

    where rejection_reason is not null

)

select * from rejected
