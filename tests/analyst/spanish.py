"""Spanish findings, as research would bring them, and the orders made from them."""

import json
from pathlib import Path
from typing import Any

from contracts.content import WriteContent
from contracts.goal import BrandVoice, Channel
from contracts.research import Finding, FindingKind
from contracts.strategy import BuildStrategy
from services.analyst.strategy import build
from tests.analyst.builders import NOW, finding

OBSERVATORY = ("https://observatorio.example/autonomos", "Informe 2025 - Observatorio del Autónomo")
GAZETTE = ("https://gestorhoy.example/factura", "La factura electrónica, a examen | Gestor Hoy")
CHAMBER = ("https://camara.example/morosidad", "Cámara de la Pequeña Empresa")
RIVAL = ("https://facturafacil.example/precios", "Precios | Factura Fácil")
OTHER = ("https://cuentasclaras.example/planes", "Planes - Cuentas Claras")


SOURCES = {
    "OBSERVATORY": OBSERVATORY,
    "GAZETTE": GAZETTE,
    "CHAMBER": CHAMBER,
    "RIVAL": RIVAL,
    "OTHER": OTHER,
}
ROWS: list[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))


def invoicing() -> tuple[Finding, ...]:
    return tuple(
        finding(number, FindingKind(row["kind"]), row["text"], SOURCES[row["source"]], row["score"])
        for number, row in enumerate(ROWS, start=1)
    )


def spanish_strategy(**changes: Any) -> BuildStrategy:
    fields: dict[str, Any] = {
        "business_name": "Folio",
        "industry": "facturación para autónomos",
        "target_audience": "autónomos y pequeñas empresas que hacen sus propias facturas",
        "goals": ("Conseguir 300 altas antes de abril", "Dar a conocer el cobro con enlace"),
        "channels": tuple(Channel),
        "call_to_action": "Prueba Folio gratis",
        "findings": invoicing(),
    }
    return BuildStrategy(**{**fields, **changes})


def spanish_content(**changes: Any) -> WriteContent:
    found = changes.get("findings")
    strategy = spanish_strategy(**({"findings": found} if found else {}))
    fields: dict[str, Any] = {
        "business_name": strategy.business_name,
        "target_audience": strategy.target_audience,
        "brief": build(strategy, (), NOW, "es").brief,
        "findings": strategy.findings,
        "channels": strategy.channels,
        "brand_voice": BrandVoice(tone="cercano y claro", banned_words=("revolucionario",)),
        "call_to_action": strategy.call_to_action,
        "website": "https://folio.example/alta",
        "postal_address": "Folio Facturas, Calle del Olmo, 28012 Madrid",
    }
    return WriteContent(**{**fields, **changes})
