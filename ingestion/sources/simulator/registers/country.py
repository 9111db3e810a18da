"""Administrative units and facilities: who is above whom, how large, how full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ingestion.sources.simulator.registers.book import Book, at_hour, first_day
from ingestion.sources.simulator.scenario import NUMERALS, PROVINCES, Place, Scenario, province_code

TYPES = {
    "detention_centre": ("Detention Centre", "看守所", 75.0),
    "short_stay": ("Short-Stay Facility", "拘留所", 9.0),
    "compulsory_treatment": ("Treatment Centre", "强制隔离戒毒所", 240.0),
}
"""English and Chinese name of a type, and the mean stay in days."""


@dataclass(frozen=True)
class Profile:
    """How a facility behaves over the years."""

    place: Place
    facility_type: str
    mean_stay: float
    population: float
    """Mean population at the beginning of the history."""
    growth: float
    """Growth of the population in a year, as a share."""
    capacity: int
    weakness: float
    """Factor on the rate of incidents and findings: 1 is ordinary."""


def profile(scenario: Scenario, place: Place) -> Profile:
    """The facility's size and ways, by its place in the country and the seed.

    The last facility is over its capacity; the second one is weak in its duties; every fourth takes
    short stays. Live facilities hold at least the detainees of the live part.
    """
    rng = scenario.rng("profile", place.facility)
    live = place.index < scenario.live_facilities
    kind = (
        "short_stay" if place.index % 4 == 3 else "compulsory_treatment" if place.index % 8 == 6 else "detention_centre"
    )
    population = float(rng.uniform(1.25, 1.6)) * scenario.detainees if live else float(rng.uniform(150, 560))
    if kind == "short_stay":
        population = max(60.0, 0.4 * population)
    growth = float(rng.uniform(0.02, 0.08))
    grown = population * (1 + growth * scenario.months / 12)
    full = place.index == len(scenario.places) - 1
    capacity = int(round(grown * (0.8 if full else float(rng.uniform(1.12, 1.4))), -1))
    weakness = 2.4 if place.index == 1 else float(rng.uniform(0.6, 1.3))
    return Profile(place, kind, TYPES[kind][2], population, growth, max(capacity, 20), weakness)


def enter_country(book: Book, scenario: Scenario, profiles: list[Profile]) -> None:
    """Units and facilities, known from the first day; one facility's capacity is corrected later."""
    begin = first_day(scenario)
    known = at_hour(begin, 0)
    book.enter("admin_unit", known, unit="00", tier="nation", parent=None, name_en="Ministry", name_zh="部")
    for number in range(scenario.provinces):
        code = province_code(number)
        names = PROVINCES[number][1:] if number < len(PROVINCES) else (f"Province {code}", f"{code}省")
        book.enter("admin_unit", known, unit=code, tier="province", parent="00", name_en=names[0], name_zh=names[1])
        for city in range(scenario.cities_per_province):
            chinese = NUMERALS[city] if city < len(NUMERALS) else str(city + 1)
            book.enter(
                "admin_unit",
                known,
                unit=f"{code}{city + 1:02d}",
                tier="city",
                parent=code,
                name_en=f"{names[0].removesuffix(' Province')} City {city + 1}",
                name_zh=f"{names[1].removesuffix('省')}{chinese}市",
            )
    for found in profiles:
        english, chinese, _ = TYPES[found.facility_type]
        number = int(found.place.facility[-2:])
        ordinal = NUMERALS[number - 1] if number <= len(NUMERALS) else str(number)
        fields = {
            "facility": found.place.facility,
            "unit": found.place.city,
            "name_en": f"City {found.place.city} {english} {number}",
            "name_zh": f"{found.place.city}市第{ordinal}{chinese}",
            "facility_type": found.facility_type,
            "opened": date(1998 + found.place.index % 20, 5, 1),
            "closed": None,
        }
        wrong = found.capacity + 40 if found.place.index == 2 else found.capacity
        book.enter("facility", known, capacity=wrong, **fields)
        if wrong != found.capacity:
            book.enter("facility", at_hour(begin, 24 * 45 + 2), capacity=found.capacity, **fields)
