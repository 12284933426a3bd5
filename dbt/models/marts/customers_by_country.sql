with

customers as (

    select * from {{ ref('stg_customers') }}

),

counted as (

    select
        country,
        count(*) as customer_count,
        min(subscription_date) as first_subscription_date,
        max(subscription_date) as last_subscription_date

    from customers

    group by country

)

select * from counted
