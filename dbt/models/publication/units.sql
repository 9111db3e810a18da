{#
    Every unit with the names of the units above it, and its tile on a map without coordinates: provinces by the seed, in
    rough position; provinces that the seed does not know below these, and cities within their province, by their code.
#}
with places as (
    select
        unit,
        tier,
        row_number() over (partition by tier, case when tier = 'city' then province end order by unit) - 1 as place
    from {{ ref('int_tier_units') }}
    where tier in ('province', 'city')
),

unknown as (
    select units.unit, row_number() over (order by units.unit) - 1 as place
    from {{ ref('int_tier_units') }} as units
    left join {{ ref('province_tiles') }} as tiles on units.unit = tiles.province
    where units.tier = 'province' and tiles.province is null
)

select
    {{ unit_columns('units') }},
    {% for tier in ['province', 'city'] -%}
    {% for language in ['zh', 'en'] -%}
    {{ tier }}s.unit_name_{{ language }} as {{ tier }}_name_{{ language }},
    {% endfor -%}
    {% endfor -%}
    {% for language in ['zh', 'en'] -%}
    case when units.tier = 'facility' then units.unit_name_{{ language }} end as facility_name_{{ language }},
    {% endfor -%}
    cast(case units.tier
        when 'province' then coalesce(tiles.tile_row, 8 + floor(unknown.place / 9.0))
        when 'city' then floor(places.place / 9.0)
    end as bigint) as tile_row,
    cast(case units.tier
        when 'province' then coalesce(tiles.tile_column, unknown.place % 9)
        when 'city' then places.place % 9
    end as bigint) as tile_column
from {{ ref('int_tier_units') }} as units
left join {{ ref('int_tier_units') }} as provinces on provinces.tier = 'province' and units.province = provinces.unit
left join {{ ref('int_tier_units') }} as citys on citys.tier = 'city' and units.city = citys.unit
left join places on units.tier = places.tier and units.unit = places.unit
left join {{ ref('province_tiles') }} as tiles on units.tier = 'province' and units.unit = tiles.province
left join unknown on units.tier = 'province' and units.unit = unknown.unit
