"""The words of trend reports, each with a number worked out by hand; formats and statistics behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest

from dashboards.published import published_tables
from dashboards.reports.findings import state
from dashboards.reports.numbers import d3_format, excel_format
from dashboards.reports.published import Row
from dashboards.reports.spec import (
    Bounds,
    Changes,
    Composition,
    Finding,
    Level,
    Noun,
    Number,
    Orders,
    Outliers,
    Rate,
    Share,
    load_phrases,
    load_report,
)
from dashboards.reports.statistics import compare_units, rate_ratio, share, share_change, usual_range
from dashboards.reports.voice import Voice
from dashboards.spec import LANGUAGES, Text, load_words
from tests.support.reported import below, own, read

ZH, EN = (Voice(language, load_words()) for language in LANGUAGES)
DEATHS = Noun(zh="死亡{n}人", en="{n} deaths", one="1 death")
DEATH_RATE = Text(zh="死亡率", en="death rate")


def said(finding: Finding, tables: Mapping[str, Sequence[Row]], voice: Voice = EN) -> str:
    """The finding's sentence from these published rows of Hangzhou."""
    return state(finding, read(tables), voice).text.replace("\N{NO-BREAK SPACE}", " ")


def rate(events: int, adp: float, value: float | None, low: float | None, high: float | None, flag: str = "ok") -> Row:
    return {
        "deaths_12m": events,
        "deaths_12m_in_rate": events,
        "adp_12m": adp,
        "rate_per_1000_12m": value,
        "rate_low": low,
        "rate_high": high,
        "rate_flag": flag,
    }


RATE = Rate(
    kind="rate",
    table="deaths",
    noun=DEATHS,
    label=DEATH_RATE,
    number=Number(column="rate_per_1000_12m", format=",.2f"),
    events="deaths_12m_in_rate",
    counted="deaths_12m",
)


def test_a_rate_is_told_with_its_interval_and_a_doubling_of_few_deaths_is_not_told_from_chance() -> None:
    # 10 against 5 deaths at 5,000 persons each: ratio 2; Clopper-Pearson of 10 of 15 is 0.3838 to 0.8818, whose odds
    # are 0.62 and 7.46.
    now = own(**rate(10, 5000, 2.0, 0.959, 3.678, "unreliable"))
    rows = {"deaths": [now, own(12, **rate(5, 5000, 1.0, 0.3247, 2.3337, "unreliable"))]}
    assert said(RATE, rows) == (
        "12 months to October 2026: 10 deaths; death rate 2.00 per 1,000 average daily population (95 % interval 0.96 "
        "to 3.68). Under 20 events: use the rate with caution. The year before it was 1.00; the ratio is 2.00 (95 % "
        "interval 0.62 to 7.46): this cannot be told from chance."
    )
    assert said(RATE, rows, ZH) == (
        "截至2026年10月的12个月内死亡10人，死亡率为每千名日均在押人员2.00（95%置信区间0.96至3.68）。"
        "事件不足20起，比率慎用。上年同期为1.00，本期为其2.00倍（95%置信区间0.62至7.46），升降不能排除随机波动。"
    )


def test_a_doubling_of_many_deaths_is_beyond_chance() -> None:
    rows = {"deaths": [own(**rate(80, 5000, 16.0, 12.69, 19.91)), own(12, **rate(40, 5000, 8.0, 5.72, 10.89))]}
    assert said(RATE, rows).endswith("(95 % interval 1.35 to 3.00): a rise beyond chance.")
    assert state(RATE, read(rows), ZH).verdict == "beyond"


def test_under_three_deaths_have_no_rate_in_words_either() -> None:
    text = said(RATE, {"deaths": [own(**rate(2, 5000, None, None, None, "too_few_events"))]})
    assert text == "12 months to October 2026: 2 deaths. Under 3 events no death rate is given."


def test_a_withheld_count_is_said_to_be_withheld_and_not_zero() -> None:
    values: Row = {"rate_flag": "withheld", "withheld": "deaths_12m rate_per_1000_12m"}
    rows = {"deaths": [own(**values)]}
    assert said(RATE, rows) == "Death rate: the count is small and withheld to protect persons; it is not zero."
    assert said(RATE, rows, ZH) == "死亡率：数字过小，为保护个人予以隐去，不等于零。"


def test_a_missing_window_is_said_to_be_missing() -> None:
    rows = {"deaths": [own(rate_flag="short_window")]}
    assert said(RATE, rows) == "The registers cover fewer than 12 months: no death rate yet."


def test_bounds_name_what_is_pending() -> None:
    noun = Noun(zh="{n}人", en="{n} unnatural deaths", one="1 unnatural death")
    finding = Bounds(
        kind="bounds",
        table="deaths",
        label=Text(zh="非正常死亡", en="-"),
        noun=noun,
        low="unnatural_low",
        high="unnatural_high",
    )
    rows = {"deaths": [own(unnatural_low=2, unnatural_high=5)]}
    assert said(finding, rows) == (
        "12 months to October 2026: 2 to 5 unnatural deaths; what lies between is pending or of unknown cause."
    )
    assert "在2至5人之间" in said(finding, rows, ZH)


def test_a_month_is_told_with_its_parts_and_a_missing_part_is_not_left_out() -> None:
    finding = Composition(
        kind="parts",
        table="deaths",
        label=Text(zh="死亡", en="deaths"),
        noun=DEATHS,
        unit=Text(zh="人", en=""),
        total="deaths_total",
        parts=(Number(column="deaths_illness"), Number(column="deaths_unnatural"), Number(column="deaths_pending")),
    )
    rows = {"deaths": [own(deaths_total=5, deaths_illness=4, deaths_unnatural=0)]}
    assert said(finding, rows) == "October 2026: 5 deaths (illness 4, cause pending —)."
    assert said(finding, rows, ZH) == "2026年10月死亡5人：疾病死亡4人、死因待定—。"


LEVEL = Level(
    kind="level",
    table="population",
    label=Text(zh="日均在押人数", en="average daily population"),
    number=Number(column="adp"),
    unit=Text(zh="人", en=" persons"),
    against="year_ago",
)


def test_a_level_is_told_beside_a_year_ago_and_its_difference_adds_up_as_shown() -> None:
    # 1,200.4 - 1,066.6 = 133.8, but 1,200 and 1,067 stand on the page: 133.
    rows = {"population": [own(adp=1200.4), own(12, adp=1066.6)]}
    assert said(LEVEL, rows) == (
        "October 2026: average daily population 1,200 persons, up 133 (12.5 %) from 1,067 a year before. "
        "Counted in full: no sampling error."
    )
    assert "较上年同月的1,067人增加133人（12.5%）" in said(LEVEL, rows, ZH)


def test_a_value_within_its_usual_range_is_not_told_from_chance() -> None:
    # 10 and 12 in turn: mean 11, every moving range 2, so 11 -+ 2.66 x 2 = 5.68 to 16.32.
    finding = LEVEL.model_copy(update={"against": "usual", "number": Number(column="adp", format=",.1f")})
    before = [own(back, adp=10.0 if back % 2 else 12.0) for back in range(1, 13)]
    rows = {"population": [*before, own(adp=16.0)]}
    assert said(finding, rows).endswith("5.7 to 16.3 persons: it lies within, so a change cannot be told from chance.")
    rows = {"population": [*before, own(adp=17.0)]}
    assert said(finding, rows).endswith("it lies above.")


def test_a_share_is_told_with_its_interval_and_change() -> None:
    # Wilson of 15 of 20: 0.531 to 0.888. Before: 60 of 100, 0.502 to 0.691. Newcombe: 0.15 - hypot(0.219, 0.091)
    # to 0.15 + hypot(0.138, 0.098).
    finding = Share(
        kind="share",
        table="rectification_summary",
        whole_noun=Noun(zh="到期{n}项", en="{n} orders fell due", one="1 order fell due"),
        part_noun=Noun(zh="按期办结{n}项", en="{n} were closed on time", one="1 was closed on time"),
        label=Text(zh="按期办结率", en="share closed on time"),
        part="closed_on_time",
        whole="due_in_month",
    )
    before = [own(back, closed_on_time=30, due_in_month=50) for back in (1, 2)]
    rows = {"rectification_summary": [*before, own(closed_on_time=15, due_in_month=20)]}
    assert said(finding, rows) == (
        "October 2026: 20 orders fell due, 15 were closed on time: share closed on time 75.0 % (95 % interval 53.1 % "
        "to 88.8 %). In the 12 months before it was 60.0 %; the difference is 15.0 points (95 % interval −8.7 to 31.9"
        "): this cannot be told from chance."
    )


def deaths_in(code: str, events: int | None, back: int = 0) -> Row:
    return below(code, back, deaths_12m_in_rate=events, adp_12m=1000.0, rate_flag="unreliable")


OUTLIERS = Outliers(kind="outliers", table="deaths", label=DEATH_RATE, noun=DEATHS, events="deaths_12m_in_rate")


def test_a_unit_far_above_the_others_is_named_with_what_was_expected() -> None:
    rows = {"deaths": [deaths_in("330101", 4), deaths_in("330102", 5), deaths_in("330103", 3), deaths_in("330104", 24)]}
    # 36 deaths over 4 equal units: 9 expected; P(X >= 24 | 36, 1/4) is far under 0.025 / 4.
    text = said(OUTLIERS, rows)
    assert "Unit 330104 lies above chance (24 deaths, 9.0 expected)" in text
    assert "Unit 330101" not in text


def test_a_withheld_unit_is_not_compared_and_said_not_to_be() -> None:
    hidden = deaths_in("330103", None) | {"withheld": "deaths_12m_in_rate"}
    rows = {"deaths": [deaths_in("330101", 4), deaths_in("330102", 5), hidden]}
    assert said(OUTLIERS, rows).startswith("Among 2 units")
    assert said(OUTLIERS, rows).endswith("1 more are withheld and not compared.")


def test_units_that_differ_as_chance_has_it_are_said_to_do_so() -> None:
    rows = {"deaths": [deaths_in("330101", 4), deaths_in("330102", 9), deaths_in("330103", 6)]}
    assert said(OUTLIERS, rows).startswith("Among 3 units")
    assert "没有超出随机波动的差异" in said(OUTLIERS, rows, ZH)


def test_the_most_marked_change_is_named_but_not_taken_for_more_than_chance() -> None:
    finding = Changes(kind="changes", table="deaths", label=DEATH_RATE, noun=DEATHS, events="deaths_12m_in_rate")
    now = [deaths_in("330101", 6), deaths_in("330102", 5)]
    rows = {"deaths": [*now, deaths_in("330101", 2, back=12), deaths_in("330102", 5, back=12)]}
    # Two comparisons: Clopper-Pearson of 6 of 8 at 97.5 % is 0.3045 to 0.9779, whose odds are 0.44 and 44.28.
    assert said(finding, rows) == (
        "Against the year before, the most marked change of the death rate is Unit 330101, from 2 deaths to 6 deaths, "
        "ratio 3.00 (0.44 to 44.28); it cannot be told from chance (interval allows for 2 comparisons)."
    )


def test_orders_name_the_longest_overdue() -> None:
    order: Row = {"status": "open", "listed": True, "overdue": True, "days_overdue": 12, "rectification": "R1"}
    late, other = (below(code, **order) for code in ("330101", "330102"))
    del late["month"], other["month"]
    other |= {"overdue": False, "listed": False, "days_overdue": 0, "rectification": "R2"}
    assert said(Orders(kind="orders", table="rectification"), {"rectification": [late, other]}) == (
        "On 31 October 2026: 2 orders open, 1 of them listed, 1 overdue; the longest by 12 days (Unit 330101, R1)."
    )


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.125, ",.2f", "0.13"),  # Python's own formatting gives 0.12: to the even digit
        (2.5, ",.0f", "3"),
        (1.005, ",.2f", "1.00"),  # the double lies below 1.005
        (1234567.891, ",.1f", "1,234,567.9"),
        (-0.04, ",.1f", "0.0"),
        (-3.25, ",.1f", "−3.3"),
        (12.5, ",~f", "12.5"),
        (40.0, ",~f", "40"),
    ],
)
def test_numbers_are_written_as_d3_writes_them(value: float, form: str, text: str) -> None:
    assert d3_format(value, form) == text


def test_excel_shows_the_same_decimals() -> None:
    assert excel_format(",.2f") == "#,##0.00"
    assert excel_format(",.0f") == "#,##0"


def test_statistics_agree_with_published_examples() -> None:
    # Newcombe 1998, table II (a): 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    change = share_change(56, 70, 48, 80)
    assert change is not None
    assert (round(change.value, 4), round(change.low, 4), round(change.high, 4)) == (0.2, 0.0524, 0.3339)
    # Newcombe 1998 (single proportion), Wilson of 81 of 263: 0.2553 to 0.3662.
    wilson = share(81, 263)
    assert wilson is not None
    assert (round(wilson.low, 4), round(wilson.high, 4)) == (0.2553, 0.3662)


def test_nothing_is_compared_with_nothing() -> None:
    assert rate_ratio(0, 100.0, 0, 100.0) is None
    assert rate_ratio(3, 0.0, 4, 100.0) is None
    assert share(0, 0) is None
    assert compare_units([0, 0], [10.0, 10.0]) == []
    assert usual_range([1.0] * 7) is None


@pytest.mark.parametrize("name", sorted(load_phrases()))
def test_both_languages_of_a_phrase_hold_the_same_numbers(name: str) -> None:
    text = load_phrases()[name]
    zh, en = ({p.lower() for p in re.findall(r"\{(\w+)\}", t)} for t in (text.zh, text.en))
    assert en - {"label", "unit"} <= zh
    assert zh - {"label", "unit", "tier"} <= en
    assert not re.search("[\u4e00-\u9fff]", text.en)


def test_every_column_of_the_report_is_published() -> None:
    tables, report = published_tables(), load_report()
    for section in (*report.sections, *report.annex):
        for table in section.tables:
            for column in (*table.by, *(n.column for n in table.numbers)):
                published = tables[table.table].columns
                assert column in published or f"{column}_zh" in published, f"{table.table}.{column}"


def test_every_reason_for_there_being_no_rate_has_its_sentence() -> None:
    flags = set(published_tables()["deaths"].columns["rate_flag"].values) - {"ok"}
    assert {f"rate.{flag}" for flag in flags} <= load_phrases().keys()
