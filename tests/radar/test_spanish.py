"""Research reads Spanish: figures, changes and offers are heard, and what leans or calls is not."""

from pathlib import Path

import pytest

from contracts.research import ResearchCompleted, RunResearch
from services.radar.competitor_tracker import competitor_signal
from services.radar.extraction import ExtractionPool
from services.radar.handlers import run_research
from services.radar.market_analyst import market_signal
from services.radar.scouting import SIGNAL_MIN
from services.radar.sentences import stands_alone
from services.radar.trend_scout import trend_signal
from tests.analyst.examples.recorded import brief_of
from tests.radar.builders import example_site, job, library

PICKED = frozenset(Path(__file__).with_name("spanish_picked.txt").read_text("utf-8").splitlines())
"""The 15 sentences that a person picked from the pages, before research could read them."""

FOUND_OF_THEM_MIN = 12


@pytest.mark.parametrize(
    "sentence",
    [
        "El 41 % de los autónomos sigue haciendo sus facturas en una hoja de cálculo.",
        "Los autónomos dedican de media 5,4 horas al mes a preparar y revisar sus facturas.",
        "Una factura devuelta cuesta a una pequeña empresa 23 euros en tiempo de gestión.",
        "Los hogares gastaron de media 1.240 euros en calefacción durante el último invierno.",
        "Uno de cada tres compradores prefiere pagar después de recibir el pedido en casa.",
    ],
)
def test_a_figure_about_people_or_money_is_heard(sentence: str) -> None:
    assert stands_alone(sentence)
    assert market_signal(sentence) >= SIGNAL_MIN


@pytest.mark.parametrize(
    "sentence",
    [
        "El uso de la factura electrónica creció un 27 % entre 2024 y 2025.",
        "Las gestorías reciben el 58 % de las facturas en digital, frente al 36 % de 2023.",
        "Se espera que las ventas de bombas de calor aumenten un tercio hasta 2028.",
        "El precio medio del café bajó un 4 % en el segundo trimestre de 2026.",
    ],
)
def test_a_dated_or_measured_change_is_heard(sentence: str) -> None:
    assert stands_alone(sentence)
    assert trend_signal(sentence) >= SIGNAL_MIN


@pytest.mark.parametrize(
    "sentence",
    [
        "Factura Fácil cobra 12,90 euros al mes por su plan básico.",
        "Cuentas Claras ofrece el primer año gratis a quien trae su contabilidad.",
    ],
)
def test_an_offer_is_heard(sentence: str) -> None:
    assert competitor_signal(sentence) >= SIGNAL_MIN


@pytest.mark.parametrize(
    "sentence",
    [
        "Ofrecemos el primer año gratis a todos los clientes que traigan su contabilidad.",
        "Con este programa puedes enviar hasta cien facturas al mes sin coste alguno.",
        "Nuestro equipo responde a todas las preguntas en menos de veinticuatro horas.",
        "Esto supone un ahorro medio de 23 euros por cada factura que se emite.",
        "Sin embargo, el 41 % de los autónomos sigue usando una hoja de cálculo.",
        "Además, las facturas con enlace de pago se cobran nueve días antes que las demás.",
        "Descubre cómo el 62 % de los autónomos cobra antes sus facturas cada mes.",
        "Consulta la política de privacidad y las condiciones de uso de esta página web.",
        "El observatorio preguntó a 2.140 autónomos entre enero y marzo de 2026.",
    ],
)
def test_what_leans_on_another_or_addresses_somebody_is_no_claim(sentence: str) -> None:
    assert not stands_alone(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Valgrind runs on every common OS and reports each error with its place in the code.",
        "The US market for me-too products has shrunk since the media lost interest in it.",
        "Solo practitioners duplicate their records and reduce their costs within a year.",
    ],
)
def test_spanish_words_change_nothing_in_english(sentence: str) -> None:
    assert trend_signal(sentence) < SIGNAL_MIN
    assert market_signal(sentence) == 0.0


async def test_a_spanish_site_gives_what_a_person_would_pick(
    pool: ExtractionPool, tmp_path: Path
) -> None:
    with example_site() as site:
        wishes = brief_of("facturas", site)
        fields = wishes.model_dump(include=set(RunResearch.model_fields))
        wanted = RunResearch.model_validate(fields, strict=False)
        answer = await run_research(wanted, job(tmp_path), library=library(pool, site))
    assert isinstance(answer.body, ResearchCompleted)
    found = {finding.claim for finding in answer.body.findings}
    assert len(found & PICKED) >= FOUND_OF_THEM_MIN
    assert found - PICKED == set()
    prices = {
        (one.amount, one.currency, one.per) for row in answer.body.competitors for one in row.prices
    }
    assert prices == {
        ("12.90", "EUR", "month"), ("24.90", "EUR", "month"), ("1.50", "EUR", "factura"),
    }  # fmt: skip
