"""What sort of sentence a finding is: an answer, a price, a change or a plain fact.

Read off the words alone, so that what a writer says next to it fits. It judges no truth.
"""

import re
from enum import StrEnum


class Nature(StrEnum):
    """What a finding's sentence tells."""

    PRICE = "price"
    CHANGE = "change"
    ANSWER = "answer"
    FACT = "fact"


_PRICE = re.compile(
    r"[$€£]\s?\d|\d\s?(?:€|£|dollars|euros|pounds)\b|\bprice[sd]?\b|\bprecios?\b|\bcuestan?\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:rose|rise[sn]?|rising|grew|grow(?:n|s|ing)?|fell|fall(?:en|s|ing)?|drop(?:ped|s)"
    r"|declin\w+|increas\w+|decreas\w+|doubl\w+|shift\w*|replac(?:ed|es|ing)|becom\w+|no longer"
    r"|opening|begun|began|up from|down from|expected to|now account\w*"
    r"|crec\w+|aument\w+|subi\w+|baj(?:ó|aron|a|an)|cay\w+|cae\w*|descend\w+|duplic\w+|tripl\w+"
    r"|pas(?:ó|aron|a|an|ado) de|ya no|cambi\w+|se espera)\b",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\b(?:say|said|says|survey\w*|respondents?|asked|named? .{1,60}? as|report(?:ed)?|prefer\w*"
    r"|told|admit\w*|believe\w*|expect|dicen?|dijo|dijeron|afirman?|encuest\w+|respond\w+"
    r"|prefier\w+|consideran?|señalan?|reconocen?)\b",
    re.IGNORECASE,
)
_VERB = (
    r"(?:is|are|was|were|has|have|had|will|would|can|may|might|should|rose|fell|grew|costs|remains"
    r"|became|becomes|accounts?|spends?|moved|sells?|lets|charges|offers|record|ends?|check)"
)
_THING = re.compile(rf"^(?P<thing>[^\d,:;()“”\"]{{8,48}}?)\s{_VERB}\b")
_NO_THING = re.compile(
    r"^(?:the|an?|according|in|by|for|when|if|only|one|two|three|more|most|fewer|less|half|as|after"
    r"|before|at|on|with|there|every|each|no|not|what|how|this|that|these|those|it|they|some"
    r"|many|nearly|almost|about|up|between|from|during|since|while|because|although)\b",
    re.IGNORECASE,
)
_PERSONS = re.compile(
    r"\b(?:people|women|men|parents|households|staff|technicians|customers|subscribers|tenants"
    r"|households|patients|students|families|residents|respondents|buyers|owners|managers"
    r"|drinkers|brewers|users|installers|members|employees|travell?ers|readers|shoppers"
    r"|personas|hogares|clientes|consumidores|lectores|visitantes|familias|usuarios|compradores"
    r"|encuestados|trabajadores|socios|suscriptores|jóvenes|mujeres|hombres|empresas|autónomos"
    r"|homeowners|consumers|workers|engineers|operators|teachers|drivers|guests|clients)$"
)


def nature_of(text: str) -> Nature:
    """The first nature whose words occur; a price that changes is a price."""
    for nature, pattern in (
        (Nature.PRICE, _PRICE),
        (Nature.ANSWER, _ANSWER),
        (Nature.CHANGE, _CHANGE),
    ):
        if pattern.search(text):
            return nature
    return Nature.FACT


def thing_of(text: str) -> str:
    """What the sentence is about, as it names it before its verb; empty where that is unclear."""
    match = _THING.match(text)
    return match["thing"] if match is not None and not _NO_THING.match(text) else ""


def people_of(share: str) -> str:
    """`share` where it counts people, such as `64% of home brewers`; else empty."""
    return share if _PERSONS.search(share.lower()) else ""
