{# By far the largest register: kept as a table, of which an incremental build renews the stays with new versions. #}
{{ config(materialized='incremental', unique_key='stay', incremental_strategy=keyed_strategy()) }}
{{ latest_known(
    source('register', 'stay'),
    key=['stay'],
    columns=['facility', 'subject', 'admitted', 'released', 'release_kind', 'sex', 'age_band'],
    only=new_rows('stay') if is_incremental() else none
) }}
