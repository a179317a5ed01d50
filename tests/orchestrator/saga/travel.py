"""A journey instead of a campaign: its own messages, catalog and saga, on the same engine."""

from chassis.codec import Codec
from contracts import topics
from contracts.catalog import CATALOG, Catalog, Entry
from contracts.envelope import AppName
from contracts.message import Command, Line, Message, Micros, Request, Result, Undo
from contracts.plan import CampaignState, RetryPolicy
from services.orchestrator.saga.definitions.definition import (
    SagaDefinition,
    StepTemplate,
    call,
    from_goal,
    from_result,
)

FIRST_ID = 2_000_000


class Trip(Message):
    traveller: Line
    origin: Line
    destination: Line
    nights: int
    card: Line


class BookTrip(Request):
    saga: str = "travel"
    goal: Trip


class BookFlight(Command):
    traveller: Line
    origin: Line
    destination: Line


class FlightBooked(Result):
    seat: Line
    price_micros: Micros


class CancelFlight(Undo):
    traveller: Line


class ReserveHotel(Command):
    traveller: Line
    city: Line
    nights: int
    arriving_on: Line


class HotelReserved(Result):
    room: Line
    price_micros: Micros


class CancelHotel(Undo):
    pass


class ChargePayment(Command):
    card: Line
    flight_micros: Micros
    hotel_micros: Micros


class PaymentCharged(Result):
    receipt: Line


class RefundPayment(Undo):
    card: Line


_PHASES: dict[str, tuple[type[Message], ...]] = {
    "flight": (BookFlight, FlightBooked, CancelFlight),
    "hotel": (ReserveHotel, HotelReserved, CancelHotel),
    "payment": (ChargePayment, PaymentCharged, RefundPayment),
}


def _entries() -> tuple[Entry, ...]:
    found = [Entry(BookTrip, FIRST_ID, topics.REQUESTS, AppName.EDGE)]
    for number, (phase, models) in enumerate(_PHASES.items(), start=1):
        for offset, model in enumerate(models):
            topic = topics.RESULTS if issubclass(model, Result) else topics.commands_of(phase)
            found.append(Entry(model, FIRST_ID + 10 * number + offset, topic, AppName.PLUGIN))
    return tuple(found)


TRAVEL_CATALOG = Catalog((*CATALOG.entries, *_entries()))


def travel_codec() -> Codec:
    """Speaks our messages and theirs."""
    return Codec(TRAVEL_CATALOG)


_TWICE = RetryPolicy(attempts_max=2, backoff_ms=1_000, backoff_ms_max=8_000)

TRAVEL = SagaDefinition(
    name="travel",
    version=1,
    steps=(
        StepTemplate(
            call(
                "flight",
                BookFlight,
                CancelFlight,
                phase="flight",
                stage=CampaignState.RADAR,
                timeout_ms=60_000,
                retry=_TWICE,
                inputs=from_goal("traveller", "origin", "destination"),
            )
        ),
        StepTemplate(
            call(
                "hotel",
                ReserveHotel,
                CancelHotel,
                phase="hotel",
                stage=CampaignState.RADAR,
                after=("flight",),
                timeout_ms=60_000,
                retry=_TWICE,
                inputs=(
                    *from_goal("traveller", "nights", city="destination"),
                    *from_result("flight", arriving_on="seat"),
                ),
            )
        ),
        StepTemplate(
            call(
                "payment",
                ChargePayment,
                RefundPayment,
                phase="payment",
                stage=CampaignState.RADAR,
                after=("hotel",),
                timeout_ms=60_000,
                retry=_TWICE,
                inputs=(
                    *from_goal("card"),
                    *from_result("flight", flight_micros="price_micros"),
                    *from_result("hotel", hotel_micros="price_micros"),
                ),
            )
        ),
    ),
)
