"""Reviews as pull requests: one per campaign, from a branch of its name; each version is a file.

GitHub has no idempotency key: the branch is the key, and is looked up before anything is opened.
"""

from dataclasses import dataclass
from functools import partial

from chassis.adapters.description import Args, Outcome
from chassis.adapters.door import Door
from chassis.adapters.failures import not_configured
from chassis.adapters.vendors.github import (
    ClosePullRequest,
    CreateBranch,
    CreateFile,
    FindPullRequest,
    FoundPullRequest,
    OpenPullRequest,
    PullRequest,
    ReopenPullRequest,
)
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.once import done_once, retracted_once
from services.optimizer.publish.ports import Retracted
from services.optimizer.review.ports import Telling, Told, together
from services.optimizer.review.wording import Wording

TOOL = "github"
SETTING = "GITHUB_REVIEWS"
EFFECT_S_MAX = 110.0
"""Four calls, 105 s at most: they are given up before, or their process is ended."""

OPEN = "open"


@dataclass(frozen=True, slots=True)
class Reviews:
    """Where pull requests are opened: owner/name (empty: nowhere), and against which branch."""

    repository: str
    branch: str


class PullRequests:
    """Opens a campaign's pull request, keeps its text up to date, and closes it."""

    def __init__(self, reviews: Reviews, door: Door) -> None:
        self._reviews = reviews
        self._door = door

    async def tell(self, wording: Wording, telling: Telling) -> Told:
        """Open it, or give the one that stands its new text. Raises StepError."""
        await self._door.check(TOOL)
        if not self._reviews.repository:
            raise not_configured("reviews on GitHub", (SETTING,))
        effect = telling.now
        return await done_once(effect, Told, lambda: self._open(wording, effect))

    async def withdraw(self, campaign_name: str, telling: Telling) -> Retracted:
        """Close it. Its branch stays: the history of what was shown is the team's."""
        effects = (*telling.before, telling.now)
        nothing = "no pull request had been opened; none will be for this version"
        done = [
            await retracted_once(one, nothing, EFFECT_S_MAX, partial(self._close, one))
            for one in effects
        ]
        return together(done)

    async def _open(self, wording: Wording, effect: Effect) -> Told:
        head, call = branch_of(effect), effect.job.call
        digest = wording.command.shown_digest[:12]
        path = f"campaigns/{effect.job.campaign_id}/{call.round}-{digest}.md"
        file = CreateFile(
            repository=self._reviews.repository,
            branch=head,
            path=path,
            message=f"{wording.title}, version {call.round + 1}",
            content=f"# {wording.title}\n\n{wording.document}\n<!-- {effect.key} -->\n",
        )
        async with effect.acting(EFFECT_S_MAX):
            await self._do("create_branch", self._branch(head), effect)
            await self._do("create_file", file, effect)
            opened = await self._pull_request(wording, head, effect)
        return Told(location=opened.html_url, handle=str(opened.number))

    async def _pull_request(self, wording: Wording, head: str, effect: Effect) -> PullRequest:
        """One for the branch; the text of one that stood before is made this version's."""
        asked = OpenPullRequest(
            repository=self._reviews.repository,
            title=wording.title,
            head=head,
            base=self._reviews.branch,
            body=wording.pull_request,
        )
        opened = await self._do("open_pull_request", asked, effect)
        assert isinstance(opened, PullRequest)
        if effect.job.call.round == 0 and opened.state == OPEN:
            return opened
        again = ReopenPullRequest(
            repository=self._reviews.repository, number=opened.number, body=asked.body
        )
        reopened = await self._do("reopen_pull_request", again, effect)
        assert isinstance(reopened, PullRequest)
        return reopened

    async def _close(self, effect: Effect) -> Retracted:
        number = await self._number(effect)
        if not number:
            return Retracted(detail="no pull request of this campaign stands")
        asked = ClosePullRequest(repository=self._reviews.repository, number=number)
        await self._do("close_pull_request", asked, effect)
        stays = f"github: {branch_of(effect)} in {self._reviews.repository} keeps what was shown"
        return Retracted(detail=f"pull request {number} was closed", left_behind=(stays,))

    async def _number(self, effect: Effect) -> int:
        """Of the one that was opened; looked for where nobody recorded what came of it."""
        recorded = await effect.job.claims.outcome(effect.key)
        if recorded is not None:
            return int(Told.model_validate_json(recorded).handle)
        if not await effect.tried():
            return 0
        asked = FindPullRequest(
            repository=self._reviews.repository, head=branch_of(effect), base=self._reviews.branch
        )
        found = await self._do("find_pull_request", asked, effect)
        assert isinstance(found, FoundPullRequest)
        return found.number

    def _branch(self, head: str) -> CreateBranch:
        return CreateBranch(
            repository=self._reviews.repository, branch=head, base=self._reviews.branch
        )

    async def _do(self, action: str, args: Args, effect: Effect) -> Outcome:
        done = await self._door.execute(TOOL, action, args, key=effect.key)
        return done.outcome


def branch_of(effect: Effect) -> str:
    """The campaign's branch: the key by which its pull request is found again."""
    return f"sagaline/{effect.job.campaign_id}"
