{#
    Renames and types the columns of the raw customers and adds rejection_reason, null for a good row, and row_lines; what a
    typed column was in the file is in raw_index, raw_subscription_date and, for a row with another number of fields than the
    header, raw_row. Of the good rows with one customer id, the one with the smallest index stays.

    Nested queries instead of CTEs: Spark finds the rows that check_rejected_customers keeps in memory only when the same
    plan stands in the query, and CTEs are set apart from it.
#}
{% macro judge_customers(raw_customers) %}
    {%- set columns = customer_columns() -%}
    {%- set typed = ['Index', 'Subscription Date'] %}
    select
        {{ columns.values() | join(',\n        ') }},
        raw_index,
        raw_subscription_date,
        raw_row,
        row_lines,
        case
            when
                first_reason is null
                and row_number() over (
                    partition by customer_id, first_reason is null
                    -- All columns, so that the choice is the same in every run even when indexes repeat.
                    order by {{ columns.values() | reject('eq', 'customer_id') | join(', ') }}
                ) > 1
                then 'duplicate_customer_id'
            else first_reason
        end as rejection_reason

    from (
        select
            *,
            length(row_text) - length(replace(row_text, '\n')) + 1 as row_lines,
            case
                when raw_row is not null or index is null then 'malformed_row'
                -- What was not UTF-8 in the file.
                when contains(row_text, decode(x'efbfbd', 'utf-8')) then 'malformed_row'
                when not coalesce(customer_id rlike r'[^ \t\r\n\f]', false) then 'missing_customer_id'
                when subscription_date is null then 'invalid_subscription_date'
            end as first_reason

        from (
            select
                {%- for name, renamed in columns.items() if name not in typed %}
                `{{ name }}` as {{ renamed }},
                {%- endfor %}
                case when `Index` rlike r'^[0-9]{1,18}\z' then try_cast(`Index` as bigint) end as index,
                case
                    when `Subscription Date` rlike r'^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}\z'
                        then try_cast(`Subscription Date` as date)
                end as subscription_date,
                `Index` as raw_index,
                `Subscription Date` as raw_subscription_date,
                concat_ws('', `{{ columns.keys() | reject('in', typed) | join('`, `') }}`) as row_text,
                _corrupt_record as raw_row

            from {{ raw_customers }}
        )
    )
{%- endmacro %}
