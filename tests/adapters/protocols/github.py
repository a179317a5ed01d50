"""GitHub: https://docs.github.com/en/rest, version 2022-11-28."""

import base64
from typing import Any

from tests.adapters.wire import KEY, Exchange, Protocol, Says

SETTINGS = {"github_url": "{root}", "github_token": "ghp_secret"}
HEADERS = {
    "authorization": "Bearer ghp_secret",
    "accept": "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
}
REPOSITORY = "molino/company-blog"
PATH = "_posts/2026-11-20-why-your-next-loaf.md"
URL = f"/repos/{REPOSITORY}/contents/{PATH}"
TEXT = f"---\ntitle: Why\neffect_key: {KEY}\n---\n\nBody\n"
CODED = base64.b64encode(TEXT.encode()).decode()
SHA = "95b966ae1c166bd92f8ae7d1c313e738c731dfc3"
NOT_FOUND = {
    "message": "Not Found",
    "documentation_url": "https://docs.github.com/rest/repos/contents#get-repository-content",
    "status": "404",
}
FILE = {
    "type": "file",
    "encoding": "base64",
    "size": len(TEXT),
    "name": "2026-11-20-why-your-next-loaf.md",
    "path": PATH,
    "content": CODED,
    "sha": SHA,
    "html_url": f"https://github.com/{REPOSITORY}/blob/main/{PATH}",
}
CREATED = {
    "content": {name: value for name, value in FILE.items() if name not in ("content", "encoding")},
    "commit": {"sha": "7638417db6d59f3c431d3e1f261cc637155684cd", "message": "Publish"},
}
LOOK: Any = {"headers": HEADERS, "params": {"ref": "main"}}
CONTENTS = "https://docs.github.com/en/rest/repos/contents"
ARGS = {
    "repository": REPOSITORY,
    "path": PATH,
    "content": TEXT,
    "message": "Publish",
    "branch": "main",
}
WRITTEN = {"path": PATH, "sha": SHA, "html_url": FILE["html_url"], "commit": ""}
JUST_WRITTEN = {**WRITTEN, "commit": "7638417db6d59f3c431d3e1f261cc637155684cd"}
GONE_ARGS = {"repository": REPOSITORY, "path": PATH, "message": "Take back", "branch": "main"}
TIP = "aa218f56b14c9653891f9e74264a383fa43fefbd"
REFS = "https://docs.github.com/en/rest/git/refs"
PULLS = "https://docs.github.com/en/rest/pulls/pulls"


def ref(branch: str) -> dict[str, object]:
    return {
        "ref": f"refs/heads/{branch}",
        "node_id": "MDM6UmVmcmVmcy9oZWFkcy9mZWF0dXJlQQ==",
        "url": f"https://api.github.com/repos/{REPOSITORY}/git/refs/heads/{branch}",
        "object": {"type": "commit", "sha": TIP, "url": "https://api.github.com/…"},
    }


PULL: Any = {
    "id": 1,
    "number": 1347,
    "state": "open",
    "title": "Campaign: Autumn samples",
    "html_url": f"https://github.com/{REPOSITORY}/pull/1347",
    "merged_at": None,
    "head": {"ref": "campaign-1", "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e"},
    "base": {"ref": "main"},
}
MERGED_PULL = {**PULL, "number": 1300, "state": "closed", "merged_at": "2026-11-19T19:01:12Z"}
PULL_LOOK = Exchange("GET", f"/repos/{REPOSITORY}/pulls/1347", Says(PULL), headers=HEADERS)
PULL_MERGE = {
    "repository": REPOSITORY,
    "number": 1347,
    "sha": PULL["head"]["sha"],
    "title": "Campaign: Autumn samples",
}
MODIFIED = "Head branch was modified. Review and try the merge again."
COMMENTS = "https://docs.github.com/en/rest/issues/comments"
COMMENT = {
    "id": 1,
    "node_id": "MDEyOklzc3VlQ29tbWVudDE=",
    "html_url": f"https://github.com/{REPOSITORY}/pull/1347#issuecomment-1",
    "body": f"Approved by ana <!-- {KEY} -->",
    "user": {"login": "octocat", "id": 1, "type": "User"},
    "created_at": "2026-11-20T13:33:48Z",
}
COMMENT_URL = f"/repos/{REPOSITORY}/issues/1347/comments"
COMMENT_ARGS = {"repository": REPOSITORY, "number": 1347, "body": COMMENT["body"]}
COMMENT_WRITTEN = Exchange(
    "POST",
    COMMENT_URL,
    Says(COMMENT, 201),
    headers=HEADERS,
    body={"body": COMMENT["body"]},
)
COMMENTS_LOOK: Any = {"headers": HEADERS, "params": {"per_page": "100", "page": "1"}}
COMMENTED = {"id": 1, "html_url": COMMENT["html_url"]}
PULL_ARGS = {
    "repository": REPOSITORY,
    "title": "Campaign: Autumn samples",
    "head": "campaign-1",
    "base": "main",
    "body": "Please review.",
}
PULL_FOUND = {"number": 1347, "state": "open", "html_url": PULL["html_url"]}
PULLS_LOOK: Any = {
    "headers": HEADERS,
    "params": {"head": "molino:campaign-1", "base": "main", "state": "all"},
}

PROTOCOLS = (
    Protocol(
        "github",
        "create_file",
        CONTENTS,
        SETTINGS,
        ARGS,
        (
            Exchange("GET", URL, Says(NOT_FOUND, 404), **LOOK),
            Exchange(
                "PUT",
                URL,
                Says(CREATED, 201),
                headers=HEADERS,
                body={"message": "Publish", "content": CODED, "branch": "main"},
            ),
        ),
        JUST_WRITTEN,
    ),
    Protocol(
        "github",
        "create_file",
        CONTENTS,
        SETTINGS,
        ARGS,
        (Exchange("GET", URL, Says(FILE), **LOOK),),
        WRITTEN,
        note="that stands already",
    ),
    Protocol(
        "github",
        "delete_file",
        CONTENTS,
        SETTINGS,
        GONE_ARGS,
        (
            Exchange("GET", URL, Says(FILE), **LOOK),
            Exchange(
                "DELETE",
                URL,
                Says({"content": None, "commit": CREATED["commit"]}),
                headers=HEADERS,
                body={"message": "Take back", "sha": SHA, "branch": "main"},
            ),
        ),
        {"found": True},
    ),
    Protocol(
        "github",
        "create_branch",
        REFS,
        SETTINGS,
        {"repository": REPOSITORY, "branch": "campaign-1"},
        (
            Exchange(
                "GET",
                f"/repos/{REPOSITORY}/git/ref/heads/main",
                Says(ref("main")),
                headers=HEADERS,
            ),
            Exchange(
                "POST",
                f"/repos/{REPOSITORY}/git/refs",
                Says(ref("campaign-1"), 201),
                headers=HEADERS,
                body={"ref": "refs/heads/campaign-1", "sha": TIP},
            ),
        ),
        {"branch": "campaign-1", "sha": TIP},
    ),
    Protocol(
        "github",
        "delete_branch",
        REFS,
        SETTINGS,
        {"repository": REPOSITORY, "branch": "campaign-1"},
        (
            Exchange(
                "DELETE",
                f"/repos/{REPOSITORY}/git/refs/heads/campaign-1",
                Says(status=204),
                headers=HEADERS,
            ),
        ),
        {"found": True},
    ),
    Protocol(
        "github",
        "open_pull_request",
        PULLS,
        SETTINGS,
        PULL_ARGS,
        (
            Exchange("GET", f"/repos/{REPOSITORY}/pulls", Says([]), **PULLS_LOOK),
            Exchange(
                "POST",
                f"/repos/{REPOSITORY}/pulls",
                Says(PULL, 201),
                headers=HEADERS,
                body={name: value for name, value in PULL_ARGS.items() if name != "repository"},
            ),
        ),
        PULL_FOUND,
    ),
    Protocol(
        "github",
        "open_pull_request",
        PULLS,
        SETTINGS,
        PULL_ARGS,
        (Exchange("GET", f"/repos/{REPOSITORY}/pulls", Says([PULL]), **PULLS_LOOK),),
        PULL_FOUND,
        note="that is open already",
    ),
    Protocol(
        "github",
        "find_pull_request",
        PULLS,
        SETTINGS,
        {"repository": REPOSITORY, "head": "campaign-1"},
        (Exchange("GET", f"/repos/{REPOSITORY}/pulls", Says([PULL]), **PULLS_LOOK),),
        {"number": 1347},
    ),
    Protocol(
        "github",
        "reopen_pull_request",
        PULLS,
        SETTINGS,
        {"repository": REPOSITORY, "number": 1347, "body": "Version 2."},
        (
            Exchange(
                "PATCH",
                f"/repos/{REPOSITORY}/pulls/1347",
                Says(PULL),
                headers=HEADERS,
                body={"body": "Version 2.", "state": "open"},
            ),
        ),
        PULL_FOUND,
    ),
    Protocol(
        "github",
        "close_pull_request",
        PULLS,
        SETTINGS,
        {"repository": REPOSITORY, "number": 1347},
        (
            PULL_LOOK,
            Exchange(
                "PATCH",
                f"/repos/{REPOSITORY}/pulls/1347",
                Says({**PULL, "state": "closed"}),
                headers=HEADERS,
                body={"state": "closed"},
            ),
        ),
        {"number": 1347, "state": "closed"},
    ),
    Protocol(
        "github",
        "close_pull_request",
        PULLS,
        SETTINGS,
        {"repository": REPOSITORY, "number": 1347},
        (
            Exchange(
                "GET",
                f"/repos/{REPOSITORY}/pulls/1347",
                Says({**MERGED_PULL, "number": 1347}),
                headers=HEADERS,
            ),
        ),
        {"number": 1347, "state": "closed", "merged_at": MERGED_PULL["merged_at"]},
        note="that was merged",
    ),
    Protocol(
        "github",
        "open_pull_request",
        PULLS,
        SETTINGS,
        PULL_ARGS,
        (Exchange("GET", f"/repos/{REPOSITORY}/pulls", Says([MERGED_PULL, PULL]), **PULLS_LOOK),),
        PULL_FOUND,
        note="beside one that was merged",
    ),
    Protocol(
        "github",
        "merge_pull_request",
        PULLS,
        SETTINGS,
        PULL_MERGE,
        (
            PULL_LOOK,
            Exchange(
                "PUT",
                f"/repos/{REPOSITORY}/pulls/1347/merge",
                Says({"sha": TIP, "merged": True, "message": "Pull Request successfully merged"}),
                headers=HEADERS,
                body={"commit_title": PULL_MERGE["title"], "sha": PULL_MERGE["sha"]},
            ),
        ),
        {"merged": True, "why": ""},
    ),
    Protocol(
        "github",
        "merge_pull_request",
        PULLS,
        SETTINGS,
        PULL_MERGE,
        (
            PULL_LOOK,
            Exchange(
                "PUT",
                f"/repos/{REPOSITORY}/pulls/1347/merge",
                Says({"message": MODIFIED}, 409),
                headers=HEADERS,
                body={"commit_title": PULL_MERGE["title"], "sha": PULL_MERGE["sha"]},
            ),
        ),
        {"merged": False, "why": MODIFIED},
        note="onto which somebody pushed",
    ),
    Protocol(
        "github",
        "comment_on_pull_request",
        COMMENTS,
        SETTINGS,
        COMMENT_ARGS,
        (COMMENT_WRITTEN,),
        COMMENTED,
    ),
    Protocol(
        "github",
        "comment_on_pull_request",
        COMMENTS,
        SETTINGS,
        COMMENT_ARGS,
        (Exchange("GET", COMMENT_URL, Says([COMMENT]), **COMMENTS_LOOK),),
        COMMENTED,
        repeat=True,
        note="a repeat",
    ),
    Protocol(
        "github",
        "delete_comment",
        COMMENTS,
        SETTINGS,
        {"repository": REPOSITORY, "id": 1},
        (
            Exchange(
                "DELETE",
                f"/repos/{REPOSITORY}/issues/comments/1",
                Says(status=204),
                headers=HEADERS,
            ),
        ),
        {"found": True},
    ),
)
