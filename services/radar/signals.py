"""Marks of figures, dates, money and change in an English sentence; it scores nothing."""

import re

NUMBER = re.compile(r"\d")
PERCENT = re.compile(r"\d\s?(?:%|percent\b|per cent\b|percentage point)")
MONEY = re.compile(
    r"[£€$¥]\s?\d|\b\d[\d.,]*\s?(?:pence|cents?|euros?|pounds|dollars|EUR|GBP|USD)\b"
)
SIZE = re.compile(
    r"\b\d[\d.,]*\s?(?:thousand|million|billion|bn|m|k|(?:kilo|mega|giga|tera)?watt|[kMGT]Wh?|"
    r"households|people|adults|users|buyers|customers|plants|offices|hours|days|kilograms?|tonnes?)",
    re.IGNORECASE,
)
DATE = re.compile(
    r"\b20[0-4]\d\b|\b(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December)\b|\b(?:first|second|third|fourth) (?:quarter|half)\b|\bQ[1-4]\b"
)
CHANGE = re.compile(
    r"\b(?:r[oi]se[sn]?|rising|gr[eo]wn?|grows|growing|growth|increas(?:e[sd]?|ing)|f[ae]ll(?:en|s)?|"
    r"falling|declin(?:e[sd]?|ing)|dropp?(?:ed|s)?|doubl(?:ed?|ing)|tripled?|halved|shift(?:ed|s)?|"
    r"accelerat\w+|slow(?:ed|ing)|widened|shortened|climb(?:ed|s)|replaced?|replacing|chang(?:ed|ing)|"
    r"becom(?:e|es|ing)|became|moved|turn(?:ed|ing)|trend\w*|lowered|raised|reached|record|"
    r"threefold|twofold|tripling)\b",
    re.IGNORECASE,
)
AHEAD = re.compile(
    r"\b(?:expects?|expected|forecasts?|predicts?|projected|outlook|by 20[2-4]\d|through 20[2-4]\d|"
    r"will (?!be\b)\w+|until 20[2-4]\d|next year|no longer|from \d{1,2} \w+ 20[2-4]\d)\b",
    re.IGNORECASE,
)
COMPARED = re.compile(
    r"\b(?:compared (?:with|to)|up from|down from|up \d|down \d|against|than (?:in|a year|before)|"
    r"since|between .{3,30} and|on the year|from .{1,25} to)\b",
    re.IGNORECASE,
)
AUDIENCE = re.compile(
    r"\b(?:adults|buyers?|consumers?|customers?|drinkers?|employees|households?|managers?|owners?|"
    r"offices?|operators?|people|plants?|readers|respondents?|subscribers?|teams?|users?)\b",
    re.IGNORECASE,
)
NEED = re.compile(
    r"\b(?:ask(?:ed|s)? for|barriers?|concern\w*|demand|first need|important|"
    r"main reason|matters? (?:more|most)|most important|needs?|named|prefer\w*|priorit\w+|"
    r"rank\w*|reasons?|said|wants?|wanted|would (?:pay|like|order|make))\b",
    re.IGNORECASE,
)
MARKET = re.compile(
    r"\b(?:accounts? for|average|buys?|costs?|market|median|one in|out of|pays?|per head|"
    r"potential|price[sd]?|revenue|sales|share|spen[dt]s?|survey\w*|third|typically|volume|worth)\b",
    re.IGNORECASE,
)
OFFER = re.compile(
    r"\b(?:cancel\w*|contract|deliver(?:s|y)|discount|extra|fee|free|from [£€$]|gift|guarantees?|"
    r"includes?|includ(?:ed|ing)|lists?|maintenance|minimum|month|offers?|(?:per|a) year|plans?|"
    r"prices?|prints?|promises?|raised|refunds?|replaces?|response time|sells?|ships?|"
    r"skip|start(?:s|ing) at|subscription|survey|terms?|trial|warranty)\b",
    re.IGNORECASE,
)
CLAIMS = re.compile(
    r"\b(?:best|every|first|fast(?:er|est)?|fresh\w*|guarantees?|leading|lower|only|promises?|"
    r"says that|reports?|within \w+ (?:minutes|hours|days))\b",
    re.IGNORECASE,
)
