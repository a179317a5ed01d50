"""Announcing a review: reviewers are told in each place once per version. It knows no Kafka."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.adapters.door import Door
from chassis.clock import Clock
from chassis.errors import StepError
from chassis.fuse import NO_FUSE, Fuse
from chassis.reviewlink import Question, path_of
from chassis.sealing import FileKeyring, Keyring
from chassis.service import Answer, Job
from contracts.envelope import StepOutcome
from contracts.goal import NoticePlace
from contracts.review import AnnounceReview, Notice, ReviewAnnounced, WithdrawReview
from contracts.saga import StepUndone
from services.optimizer.review.chat import ChatMessages
from services.optimizer.review.ports import Place, Telling, together
from services.optimizer.review.pull_request import PullRequests, Reviews
from services.optimizer.review.wording import Wording
from services.optimizer.settings import OptimizerSettings


@dataclass(frozen=True, slots=True)
class Desk:
    """Where reviewers are told, and with what their links are signed."""

    places: Mapping[NoticePlace, Place]
    keyring: Keyring
    public_url: str

    def link(self, command: AnnounceReview, job: Job) -> str:
        """Where the review is decided; the console where each reviewer has a link of their own."""
        root = self.public_url.rstrip("/")
        if command.reviewers:
            return f"{root}/campaigns/{job.campaign_id}?tenant={job.tenant_id}"
        question = Question(job.campaign_id, command.gate, command.shown_digest)
        return root + path_of(self.keyring, job.tenant_id, question)


async def announce_review(
    command: AnnounceReview, job: Job, *, desk: Desk, clock: Clock, fuse: Fuse = NO_FUSE
) -> Answer:
    """Tell reviewers in every place that was asked for.

    A place that may come back fails the attempt: the next one tells only there. One that never
    will (no key, refused) makes the answer DEGRADED, and where there is no other, fails.
    """
    root = desk.public_url.rstrip("/")
    wording = Wording(command, desk.link(command, job), root, job.tenant_id)
    told: list[Notice] = []
    failures: list[StepError] = []
    for place in dict.fromkeys(command.notices):
        try:
            made = await desk.places[place].tell(wording, Telling(place, job, clock, fuse))
        except StepError as failure:
            failures.append(failure)
        else:
            told.append(Notice(place=place, location=made.location))
    passing = [one for one in failures if one.reason.retryable]
    if passing or (failures and not told):
        raise (passing or failures)[0]
    job.log.info("review_announced", places=[one.place for one in told], failed=len(failures))
    return Answer(
        body=ReviewAnnounced(told=tuple(told)),
        outcome=StepOutcome.DEGRADED if failures else StepOutcome.SUCCEEDED,
        notes=(*(one.location for one in told), *(one.message for one in failures)),
    )


async def withdraw_review(command: WithdrawReview, job: Job, *, desk: Desk, clock: Clock) -> Answer:
    """Take the word back in every place; where nothing was told, nothing will be."""
    done = [
        await desk.places[place].withdraw(command.campaign_name, Telling(place, job, clock))
        for place in dict.fromkeys(command.notices)
    ]
    whole = together(done)
    return Answer(body=StepUndone(detail=whole.detail, left_behind=whole.left_behind))


def desk_of(settings: OptimizerSettings, door: Door) -> Desk:
    """Every place as the operator configured it; what is outside goes through the door."""
    reviews = Reviews(settings.github_reviews, settings.github_reviews_branch)
    return Desk(
        places={
            NoticePlace.GITHUB: PullRequests(reviews, door),
            NoticePlace.SLACK: ChatMessages(settings.slack_reviews, door),
        },
        keyring=FileKeyring(settings.keyring_dir),
        public_url=settings.public_url,
    )
