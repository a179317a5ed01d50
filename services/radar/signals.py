"""Marks of figures, dates, money and change in an English or Spanish sentence; it scores nothing.

The words of both languages stand in one pattern: few words of the one mean something in the other,
and those that do are left out.
"""

import re

_FEW = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    "dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce"
)
_LAPSE = (
    "days?|weeks?|months?|years?|hours?|minutes|times|días|semanas|meses|años|horas|minutos|veces"
)
NUMBER = re.compile(
    rf"\d|\b(?:{_FEW}) (?:{_LAPSE})\b|\b(?:one in|un[oa] de cada) (?:{_FEW})\b", re.IGNORECASE
)
"""Figures, and small numbers in words where they count time or a share."""
PERCENT = re.compile(r"\d\s?(?:%|percent\b|per cent\b|percentage point)")
MONEY = re.compile(
    r"[£€$¥]\s?\d|\b\d[\d.,]*\s?(?:pence|cents?|euros?|pounds|dollars|EUR|GBP|USD|"
    r"céntimos?|dólares|libras|pesos)\b"
)
SIZE = re.compile(
    r"\b\d[\d.,]*\s?(?:thousand|million|billion|bn|m|k|(?:kilo|mega|giga|tera)?watt|[kMGT]Wh?|"
    r"households|people|adults|users|buyers|customers|plants|offices|hours|days|kilograms?|tonnes?|"
    r"mil|millones|hogares|personas|adultos|usuarios|compradores|clientes|empresas|facturas|"
    r"oficinas|autónomos|trabajadores|horas|días|kilos|toneladas|litros)",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\b20[0-4]\d\b|\b(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December)\b|\b(?:first|second|third|fourth) (?:quarter|half)\b|\bQ[1-4]\b"
    r"|\b(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|"
    r"diciembre)\b|\b(?:primer|segundo|tercer|cuarto) (?:trimestre|semestre)\b"
)
CHANGE = re.compile(
    r"\b(?:r[oi]se[sn]?|rising|gr[eo]wn?|grows|growing|growth|increas(?:e[sd]?|ing)|f[ae]ll(?:en|s)?|"
    r"falling|declin(?:e[sd]?|ing)|dropp?(?:ed|s)?|doubl(?:ed?|ing)|tripled?|halved|shift(?:ed|s)?|"
    r"accelerat\w+|slow(?:ed|ing)|widened|shortened|climb(?:ed|s)|replaced?|replacing|chang(?:ed|ing)|"
    r"becom(?:e|es|ing)|became|moved|turn(?:ed|ing)|trend\w*|lowered|raised|reached|record|"
    r"threefold|twofold|tripling)\b"
    r"|\b(?:crec(?:e|en|ió|ieron|iendo|erá|erán|ido|imiento)|aument(?:a|an|o|ó|aron|ado|ando)|"
    r"sub(?:e|en|ió|ieron|ido|ida)|cae[n]?|cayó|cayeron|caída|baj(?:a|an|ó|aron|ado|ada)|"
    r"descend\w+|descenso|disminu\w+|duplic(?:a|an|ó|aron|ado)|triplic\w+|reduj\w+|"
    r"reduc(?:en|ido|ida|ción)|pas(?:a|an|ó|aron|ado) de|"
    r"ha[n]? (?:empezado|dejado|pasado|cambiado)|cambi(?:a|an|ó|aron|o|os)|sustitu\w+|ya no|"
    r"en lugar de|frente al? \d+|ralentiz\w+|aceler\w+|alcanz(?:a|an|ó|aron|ado)|récord|"
    r"tendencias?|cada vez más)\b",
    re.IGNORECASE,
)
AHEAD = re.compile(
    r"\b(?:expects?|expected|forecasts?|predicts?|projected|outlook|by 20[2-4]\d|through 20[2-4]\d|"
    r"will (?!be\b)\w+|until 20[2-4]\d|next year|no longer|from \d{1,2} \w+ 20[2-4]\d)\b"
    r"|\b(?:prev[ée]n?|previst[oa]s?|se espera|esperan|pronostic\w+|hasta 20[2-4]\d|"
    r"a partir de|el próximo año|los próximos|antes de 20[2-4]\d|será[n]? \w+)\b",
    re.IGNORECASE,
)
COMPARED = re.compile(
    r"\b(?:compared (?:with|to)|up from|down from|up \d|down \d|against|than (?:in|a year|before)|"
    r"since|between .{3,30} and|on the year|from .{1,25} to|"
    r"\d\s?(?:%|percent|per cent|times|x) (?:as|better|cheaper|faster|fewer|higher|larger|less|"
    r"longer|lower|more|shorter|slower|smaller)|(?:half|twice) as (?:\w+ ){1,3}as|"
    r"(?:better|cheaper|faster|fewer|less|more|slower|smaller) (?:\w+ ){0,3}than(?! \d))\b"
    r"|\b(?:frente a|respecto al?|en comparación|más que|menos que|antes que|desde|interanual|"
    r"por encima de|por debajo de|entre .{1,30} y \w+|de .{1,25} a)\b",
    re.IGNORECASE,
)
AUDIENCE = re.compile(
    r"\b(?:adults|buyers?|consumers?|customers?|drinkers?|employees|households?|managers?|owners?|"
    r"offices?|operators?|people|plants?|readers|respondents?|subscribers?|teams?|users?)\b"
    r"|\b(?:autónomos?|clientas?|clientes?|compradores|consumidores|dueños|empleados|empresas?|"
    r"encuestados|familias|gestorías?|hogares|lectores|oficinas|personas|pymes|responsables|"
    r"suscriptores|trabajadores|usuarios|visitantes)\b",
    re.IGNORECASE,
)
NEED = re.compile(
    r"\b(?:ask(?:ed|s)? for|barriers?|concern\w*|demand|first need|important|"
    r"main reason|matters? (?:more|most)|most important|needs?|named|prefer\w*|priorit\w+|"
    r"rank\w*|reasons?|said|wants?|wanted|would (?:pay|like|order|make))\b"
    r"|\b(?:barreras?|busca[n]?|dedica[n]?|demandan?|dicen|dijeron|exigen?|importan?|importante|"
    r"más de un mes|motivos?|necesit\w+|piden?|pidieron|preocup\w+|prefier\w+|prioridad\w*|"
    r"quieren?|razón|razones|con .{1,20} de retraso|sigue[n]? \w+ndo)\b",
    re.IGNORECASE,
)
MARKET = re.compile(
    r"\b(?:accounts? for|average|buys?|costs?|market|median|one in|out of|pays?|per head|"
    r"potential|price[sd]?|revenue|sales|share|spen[dt]s?|survey\w*|third|typically|volume|worth)\b"
    r"|\b(?:abona[n]?|cobra[n]?|cobros?|costes?|cuesta[n]?|cuota|de media|en promedio|encuesta\w*|"
    r"estudio|factur(?:a|an|ación)|gasta[n]?|gastos?|ingresos|la mitad|mediana|mercado|paga[n]?|"
    r"precios?|promedio|revisión|un tercio|un[oa] de cada|valor|ventas|volumen)\b",
    re.IGNORECASE,
)
OFFER = re.compile(
    r"\b(?:cancel\w*|contract|deliver(?:s|y)|discount|extra|fee|free|from [£€$]|gift|guarantees?|"
    r"includes?|includ(?:ed|ing)|lists?|maintenance|minimum|month|offers?|(?:per|a) year|plans?|"
    r"prices?|prints?|promises?|raised|refunds?|replaces?|response time|sells?|ships?|"
    r"skip|start(?:s|ing) at|subscription|survey|terms?|trial|warranty)\b"
    r"|\b(?:al (?:mes|año)|anual(?:es)?|cobra[n]?|contrato|cuesta[n]?|cuotas?|descuentos?|desde \d|"
    r"devolución|devuelve|entrega|envío|garant[ií]a\w*|gratis|gratuit[oa]s?|incluye[n]?|mensual(?:es)?|"
    r"mínimo|máximo|ofrece[n]?|permanencia|por cada|precios?|primer (?:año|mes)|promete[n]?|regala|"
    r"sin coste|suscripción|vende[n]?)\b",
    re.IGNORECASE,
)
CLAIMS = re.compile(
    r"\b(?:best|every|first|fast(?:er|est)?|fresh\w*|guarantees?|leading|lower|only|promises?|"
    r"says that|reports?|within \w+ (?:minutes|hours|days))\b"
    r"|\b(?:garantiza[n]?|líder(?:es)?|mejor(?:es)?|más (?:fácil|rápid)\w*|promete[n]?|únic[oa]s?|"
    r"en \w+ (?:minutos|horas|días))\b",
    re.IGNORECASE,
)
