{# One row: the unit at the top, with a stand-in where the register holds none yet. #}
select
    coalesce(min(unit), '00') as unit,
    coalesce(min(name_zh), '全国') as name_zh,
    coalesce(min(name_en), 'Nation') as name_en
from {{ ref('int_units') }}
where tier = 'nation'
