{{ config(pre_hook="{{ check_rejected_customers() }}") }}

with

judged as (

    {{ judge_customers(source('raw', 'customers')) }}

),

accepted as (

    select
        {{ customer_columns().values() | join(',\n        ') }}

    from judged

    where rejection_reason is null

)

select * from accepted
