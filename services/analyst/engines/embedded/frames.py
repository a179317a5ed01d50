"""The writer's own sentences, in English. They state no fact: facts come from findings only.

A frame may name {topic}, {audience}, {business} or {source}, or a phrase of a finding: {short},
{people} (`64% of home brewers`), {thing} (what it is about), {change} (what is changing),
{subject} (what a goal and the finding share). Some slots are conditions: {figure} and {figures}
are known where the text states figures, {links} where every source of it is a page.
A frame that names what is not known is passed over, as is one with a banned word. Frames of one
slot say different things, so that variants differ in substance.
"""

QUOTING = (
    "In the words of {source}: {finding}",
    "{source} puts it this way: {finding}",
    "Or, as {source} says: {finding}",
    "{source} writes: {finding}",
)

ACCORDING = (
    "According to {source}, {lowered}",
    "As {source} reports, {lowered}",
)

SUBJECTS: tuple[tuple[str, ...], ...] = (
    ("{short}", "{subject}: what the sources say", "{topic}: what the sources say"),
    (
        "{subject}: what would you ask first?",
        "{topic}: what would you ask first?",
        "A question before you decide",
    ),
    (
        "{change}: what is changing",
        "{subject}: what may come next",
        "{topic}: what may come next",
        "What may come next, and what to do about it",
    ),
    (
        "{subject}: good to know before you compare",
        "{topic}: what is known before the offers",
        "Compare what is known before the offers",
    ),
)
"""One row per variant."""

PREHEADERS = (
    "A one-minute read, with the source beside every {figure}.",
    "For {audience}: what is known, where it comes from, one next step.",
    "What the sources say about {subject}, what follows, and what to do.",
    "What the sources say about {topic}, and what to ask next.",
    "No promises, just what is known and who said so.",
)

WHY_US: tuple[tuple[str, ...], ...] = (
    (
        "If you would like to see how {business} goes about it, this is the place to begin:",
        "Curious what this looks like in practice at {business}? Start here:",
    ),
    (
        "When you are ready to look for your own answer, we will be glad to help:",
        "We would be happy to work through the question with you:",
    ),
    (
        "If you would rather be early than late, here is a first step:",
        "To find out what this could mean for you, take one small step:",
    ),
    (
        "See for yourself how {business} measures up:",
        "Put {business} to the same test:",
    ),
)

FILLERS = (
    (
        "Every statement above {links} to its source, so you can check it in a minute and make up "
        "your own mind. We would rather you trusted the evidence than took our word for it."
    ),
    (
        "What the sources say stands above in their own words. What follows from it is our "
        "reading. Yours may be another, for nobody knows better than you where you are and what "
        "you want to change."
    ),
    (
        "If you can, share this with somebody who sees the matter differently. Two people "
        "reading the same line may notice two different things, and both may be useful to you."
    ),
    (
        "Keep the sources at hand: they say more than fits into a short message, including how "
        "each {figure} came about and whom it describes."
    ),
)

HOOKS: tuple[tuple[str, ...], ...] = (
    ("{finding}", "{thing}: what the sources say."),
    ("Would you have guessed? {finding}", "What would you want to be sure of about {topic}?"),
    ("Worth a second look: {finding}", "What lies ahead for {topic}?"),
    (
        "Opinions on {topic} are easy to find. Evidence takes a little longer.",
        "Opinions are easy to find. Evidence takes a little longer.",
    ),
)

POST_BRIDGES: tuple[tuple[str, ...], ...] = (
    ("What else belongs in the picture:", "Set beside it, each line with its source:"),
    ("Here is what the sources say next to it:", "Three more lines, and who said them:"),
    ("Worth reading together:", "Taken one at a time, they are small. Read them together:"),
    ("So we went back to the sources:", "Here is some, with names attached:"),
)

ANNOUNCEMENTS: tuple[tuple[str, ...], ...] = (
    (
        "{business} has gathered what is known about {topic}.",
        "{business} has gathered what the sources say.",
    ),
    ("{business} on {topic}: the facts in brief.", "From {business}: the facts in brief."),
    (
        "{business} takes a look at what lies ahead for {topic}.",
        "{business} looks at what is changing.",
    ),
    ("{business} compares the evidence on {topic}.", "{business} compares the evidence."),
)

ANNOUNCEMENT_LINKS: tuple[tuple[str, ...], ...] = (
    ("In addition:", "Further:"),
    ("Also noted:", "And:"),
    ("And this:", "At the same time:"),
    ("Beside it:", "As well:"),
)
