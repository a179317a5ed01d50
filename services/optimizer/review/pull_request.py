"""Reviews as pull requests: one per campaign, from a branch of its name; each version is a file.

What was approved is merged, so the base branch holds what went out; all else is closed. GitHub has
no idempotency key: the branch is the key, and is looked up before anything is opened.
"""

from dataclasses import dataclass
from functools import partial

from chassis.adapters.description import Args, Outcome
from chassis.adapters.door import Door
from chassis.adapters.failures import not_configured
from chassis.adapters.vendors.github import CreateBranch, CreateFile, Pointed, Written
from chassis.adapters.vendors.github_pulls import (
    OPEN,
    ClosePullRequest,
    FindPullRequest,
    FoundPullRequest,
    Merged,
    MergePullRequest,
    OpenPullRequest,
    PullRequest,
    ReopenPullRequest,
    WriteComment,
)
from services.optimizer.publish.effects import Effect
from services.optimizer.publish.once import done_once, retracted_once
from services.optimizer.publish.ports import Retracted
from services.optimizer.review.fate import TAKEN_BACK, comment
from services.optimizer.review.ports import Heard, Telling, Told, fate_of, together, told_under
from services.optimizer.review.story import Decision, Verdict
from services.optimizer.review.wording import Wording, plain

TOOL = "github"
SETTING = "GITHUB_REVIEWS"
EFFECT_S_MAX = 110.0
"""Four calls, 105 s at most: they are given up before, or their process is ended."""

HEARING_S_MAX = 100.0
"""A merge, a closing and a comment, 90 s at most."""

AGAIN = "The next version will stand here, with a link of its own."
CLOSED = "This pull request is closed, and nothing of it is merged."


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

    async def hear(self, verdict: Verdict, telling: Telling) -> Heard:
        """Merge it where it was approved, close it where it was not, and say why below it."""
        return await done_once(telling.heard, Heard, lambda: self._hear(verdict, telling))

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
            pointed = await self._do("create_branch", self._branch(head), effect)
            written = await self._do("create_file", file, effect)
            opened = await self._pull_request(wording, head, effect)
        assert isinstance(written, Written)
        assert isinstance(pointed, Pointed)
        return Told(
            location=opened.html_url,
            handle=str(opened.number),
            title=wording.title,
            version=written.commit or pointed.sha,  # of a repeat: the file stood in it
        )

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

    async def _hear(self, verdict: Verdict, telling: Telling) -> Heard:
        effect, told = telling.heard, await told_under(telling.now)
        if told is None:
            return Heard(detail="no pull request was opened")
        tried = await effect.tried()
        if tried:
            await effect.all_tries_are_over(HEARING_S_MAX)
        async with effect.acting(HEARING_S_MAX):
            became = await self._conclude(verdict, told, telling.now)
            await self._comment(comment(verdict, became), int(told.handle), effect, repeat=tried)
        return Heard(detail=became)

    async def _conclude(self, verdict: Verdict, told: Told, effect: Effect) -> str:
        """Merge or close what stands for the decided version alone, and say what was done."""
        if not verdict.decision.final:
            return AGAIN
        why = ""
        if verdict.decision is Decision.APPROVED:
            merged = await self._merge(told, effect)
            if merged.merged:
                return f"Merged: `{self._reviews.branch}` holds what was approved."
            why = f" ({plain(merged.why)})"
        fate = await fate_of(effect)
        if fate.renewed or fate.withdrawn:  # it is another version's by now, or closed
            return ""
        asked = ClosePullRequest(repository=self._reviews.repository, number=int(told.handle))
        await self._do("close_pull_request", asked, effect)
        return f"{CLOSED}{why}"

    async def _merge(self, told: Told, effect: Effect) -> Merged:
        """Only what was shown is merged, not what somebody pushed onto it since."""
        fate = await fate_of(effect)
        if fate.renewed or fate.withdrawn:
            return Merged(merged=False, why="it is no longer this version's")
        if not told.version:
            return Merged(merged=False, why="the commit that was shown is not on record")
        asked = MergePullRequest(
            repository=self._reviews.repository,
            number=int(told.handle),
            sha=told.version,
            title=told.title,
        )
        merged = await self._do("merge_pull_request", asked, effect)
        assert isinstance(merged, Merged)
        return merged

    async def _comment(self, text: str, number: int, effect: Effect, *, repeat: bool) -> None:
        said = WriteComment(
            repository=self._reviews.repository,
            number=number,
            body=f"{text}\n\n<!-- {effect.key} -->",
        )
        await self._do("comment_on_pull_request", said, effect, repeat=repeat)

    async def _close(self, effect: Effect) -> Retracted:
        number = await self._number(effect)
        if not number:
            return Retracted(detail="no pull request of this campaign stands")
        asked = ClosePullRequest(repository=self._reviews.repository, number=number)
        closed = await self._do("close_pull_request", asked, effect)
        assert isinstance(closed, PullRequest)
        verdict = (await fate_of(effect)).verdict
        if verdict is not None and verdict.decision is Decision.APPROVED:
            await self._comment(TAKEN_BACK, number, effect, repeat=True)
        where = self._reviews.repository
        stays = f"github: {branch_of(effect)} in {where} keeps what was shown"
        if not closed.merged_at:
            return Retracted(detail=f"pull request {number} was closed", left_behind=(stays,))
        merged = f"github: {self._reviews.branch} in {where} keeps what was approved"
        return Retracted(detail=f"pull request {number} stays merged", left_behind=(stays, merged))

    async def _number(self, effect: Effect) -> int:
        """Of the one that was opened; looked for where nobody recorded what came of it."""
        told = await told_under(effect)
        if told is not None:
            return int(told.handle)
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

    async def _do(
        self, action: str, args: Args, effect: Effect, *, repeat: bool = False
    ) -> Outcome:
        done = await self._door.execute(TOOL, action, args, key=effect.key, repeat=repeat)
        return done.outcome


def branch_of(effect: Effect) -> str:
    """The campaign's branch: the key by which its pull request is found again."""
    return f"sagaline/{effect.job.campaign_id}"
