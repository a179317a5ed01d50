"""The writer's own sentences for a blog article, in English; they state no fact either."""

from services.analyst.engines.embedded.sections import Group

TITLES: tuple[tuple[str, ...], ...] = (
    ("{headline}", "{short}", "{subject}: the evidence", "{topic}: the evidence"),
    (
        "{subject}: the questions to ask before you decide",
        "{topic}: the questions to ask before you decide",
        "The questions to ask before you decide",
    ),
    (
        "{change}: the road ahead",
        "{topic}: the road ahead",
        "The road ahead, and how to read it",
    ),
    (
        "{topic}: how to compare without guessing",
        "How to compare without guessing",
    ),
)

ROADMAPS: tuple[tuple[str, ...], ...] = (
    (
        (
            "This article goes through it in order: {one}, then {two}, then {three}, and at the "
            "end "
            "what you can do about it."
        ),
        (
            "This article goes through it in order: {one}, then {two}, and at the end what you "
            "can do "
            "about it."
        ),
    ),
    (
        (
            "Three questions lead through this article: {one}, {two}, and {three}. The fourth is "
            "yours."
        ),
        "Two questions lead through this article: {one}, and {two}. The third is yours.",
    ),
    (
        "To see what it means for you, we look at {one}, at {two}, and at {three}.",
        "To see what it means for you, we look at {one}, and at {two}.",
    ),
    (
        (
            "A fair comparison needs ground to stand on. So first comes {one}, then {two}, and "
            "last "
            "{three}."
        ),
        "A fair comparison needs ground to stand on. So first comes {one}, and then {two}.",
    ),
)
"""What comes, in the words of `PARTS_NAMED`; the second of each row is for two sections."""

GROUPS_NAMED: dict[Group, str] = {
    Group.TROUBLE: "where the trouble lies",
    Group.STATE: "how things stand",
    Group.WISHES: "what is asked for",
    Group.CHANGES: "what is changing",
    Group.MOVEMENT: "what is asked for and what is changing",
    Group.MEANS: "what is said to help",
    Group.RIVALS: "what others offer",
}

HEADINGS: dict[Group, tuple[str, ...]] = {
    Group.TROUBLE: ("Where the trouble lies", "What goes wrong"),
    Group.STATE: ("{subject}: how things stand", "How things stand", "What is known so far"),
    Group.WISHES: ("What is asked for", "What people want"),
    Group.CHANGES: ("{change}: a change to watch", "What is changing", "Where things are going"),
    Group.MOVEMENT: ("What is asked for, and what is changing",),
    Group.MEANS: ("What is said to help", "What can be done"),
    Group.RIVALS: ("What others offer", "What you can already choose from"),
}
SECOND_HEADINGS = ("A closer look", "More on the same", "And beside that")

SECTION_OPENINGS: dict[Group, tuple[str, ...]] = {
    Group.TROUBLE: (
        "Nobody looks for an answer before there is a question. So first, the difficulty.",
        "Begin with what makes it hard.",
    ),
    Group.STATE: (
        "Before we talk about what to do, a look at how things stand.",
        "Set opinions aside for a moment and look at what has been written down.",
        "Plenty of conversations about {topic} start from a feeling. These start from a source.",
    ),
    Group.WISHES: (
        "Whoever knows what others ask for can say more clearly what they want themselves.",
        "Offers tell you what somebody has. This tells you what is wanted.",
    ),
    Group.CHANGES: (
        "A decision lasts longer than the day it is made on, so look at what is in motion.",
        "Not every change will reach you. These are candidates.",
    ),
    Group.MOVEMENT: (
        "What people ask for and where things are going: either can be a reason to move.",
    ),
    Group.MEANS: (
        "Now to what can be done. The sources name some means; whether they fit is your call.",
        "What do the sources name that helps, and where does it end?",
    ),
    Group.RIVALS: (
        "A fair picture includes the others, so here they are in their own terms.",
        "You will compare anyway, so we may as well do it in the open.",
    ),
}

TAKEAWAY_HEADINGS: tuple[tuple[str, ...], ...] = (
    ("What to do with all this", "From reading to doing"),
    ("Your turn to answer", "Questions to take with you"),
    ("How to keep watch", "A simple way to stay ahead"),
    ("A checklist for comparing", "How to put it to the test"),
)

PEOPLE_STEPS: tuple[str, ...] = (
    "**{people}**: are you one of them?",
    "**{people}**: would you have guessed higher or lower?",
    "**{people}**: note where you stand today, and compare next time.",
    "**{people}**: ask whether an offer was made with them in mind.",
)

CLOSINGS: tuple[tuple[str, ...], ...] = (
    (
        (
            "None of this replaces your own judgement. It may spare you a detour, though, and "
            "that is what we hope it does. If you want to take the next step with {business}, "
            "here it is:"
        ),
        (
            "That is the evidence as far as we could trace it. What you build on it is up to "
            "you. If you would like company on the way, {business} is easy to find:"
        ),
    ),
    (
        (
            "The best question in this article may be the one it did not ask. If you have found "
            "it, bring it along. We at {business} are glad to look for the answer together:"
        ),
        (
            "Answers change, good questions tend to stay. Should one of them lead you to "
            "{business}, you are welcome:"
        ),
    ),
    (
        (
            "The signs are there for everybody to read. The advantage lies in reading them a "
            "little sooner. {business} would like to help with that:"
        ),
        (
            "Nothing here is certain, and that is rather the point: it leaves room to act. A "
            "first step with {business} is close at hand:"
        ),
    ),
    (
        (
            "Hold every offer against the same list, ours included. We would not want it any "
            "other way. This is how you can begin with {business}:"
        ),
        "A fair comparison needs a first candidate. {business} would be happy to be yours:",
    ),
)
