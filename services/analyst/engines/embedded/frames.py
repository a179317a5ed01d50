"""The writer's own sentences, in English. They state no fact: facts come from findings only.

A frame may name {topic}, {audience}, {business} or {source}, or a phrase of a finding: {short},
{people} (`64% of home brewers`), {thing} (what it is about), {change} (what is changing).
A frame that names what is not known is passed over, as is one with a banned word. Frames of one
slot say different things, so that variants differ in substance.
"""

from contracts.research import FindingKind
from services.analyst.natures import Nature

LEADS: dict[str, tuple[str, ...]] = {
    Nature.CHANGE: (
        "Look at the direction, too.",
        "Then there is the question of where this is going.",
        "One sign of change deserves a second look.",
        "Things are moving.",
        "Habits shift quietly.",
        "Not everything stays as it was.",
    ),
    Nature.ANSWER: (
        "Ask around, and this is what comes back.",
        "It helps to hear from others.",
        "Listen to those concerned.",
        "Others have given their answer already.",
        "Experience counts as evidence, too.",
    ),
    Nature.PRICE: (
        "Then there is the money.",
        "Cost comes into it as well.",
        "A word on what it costs.",
        "Sooner or later the question of price comes up.",
    ),
    Nature.FACT: (
        "There is a detail worth knowing.",
        "Keep this in mind as well.",
        "It does not stand alone.",
        "One more thing belongs next to it.",
        "Here is some context to weigh it by.",
    ),
    FindingKind.COMPETITOR: (
        "It is fair to look at what else is on offer.",
        "For comparison, here is what is already out there.",
        "Look around before you choose.",
        "Others take their own route.",
    ),
}
"""Stand before a finding, as a sentence of their own."""

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
    ("{short}", "{thing}: worth a minute of your day", "One line worth keeping"),
    (
        "{topic}: what would you ask first?",
        "A question before you decide",
    ),
    (
        "{change}: what is changing",
        "{topic}: what may come next",
        "What is changing, and what to do about it",
    ),
    (
        "{thing}: good to know before you compare",
        "{topic}: the facts before the offers",
        "Compare the facts before the offers",
    ),
)
"""One row per variant."""

PREHEADERS = (
    "A one-minute read, with the source beside every figure.",
    "For {audience}: a few facts, where they come from, one next step.",
    "What the sources say about {topic}, and what to ask next.",
    "No promises, just what is known and who said so.",
)

LETTER_OPENINGS: tuple[tuple[str, ...], ...] = (
    (
        "{finding} If you keep one line from this message, keep that one.",
        "{finding} That is the whole reason for this message.",
        "{finding} We think that sentence deserves a minute of your day.",
    ),
    (
        (
            "What would you want to know about {topic} before giving it any more of your time? "
            "Here is where we would begin. {finding}"
        ),
        (
            "Every good decision starts with a good question. Ours is: what does this mean for "
            "you? {finding}"
        ),
        (
            "A quick question, and you can answer it in your head. Does this match what you see "
            "yourself? {finding}"
        ),
    ),
    (
        (
            "What lies ahead for {topic}? Nobody can promise you an answer, but there are signs "
            "worth reading. {finding}"
        ),
        "Change rarely announces itself. It shows up in lines like this one. {finding}",
        "Some things are easier to plan for when you see them early. {finding}",
    ),
    (
        "Before you compare offers, it pays to compare what is known. {finding}",
        (
            "Price tags are easy to line up side by side. Evidence takes a little longer, so we "
            "did some of it for you. {finding}"
        ),
        "When everybody sounds convincing, it helps to go back to the sources. {finding}",
    ),
)
"""One row per variant; `{finding}` is a whole sentence."""

REFLECTIONS: tuple[tuple[str, ...], ...] = (
    (
        (
            "You do not need to act on all of this. Pick the line that sounds most like your own "
            "situation, and start there."
        ),
        "None of it decides anything for you. It does make the next step easier to choose.",
    ),
    (
        (
            "So here is the question to take with you: which of these would you notice first if "
            "it changed?"
        ),
        (
            "If your own answer is different, all the better. Then you already know what to look "
            "at more closely."
        ),
    ),
    (
        (
            "It is early to draw a straight line through these points. It is not too early to "
            "decide what you would do if they continue."
        ),
        (
            "You can wait and see, of course. Or you can decide today which of these signs you "
            "want to keep an eye on."
        ),
    ),
    (
        (
            "Lay these side by side and the choice becomes a simpler one: what do you need, and "
            "who can show you proof of it?"
        ),
        "A good offer should stand up to every line above. Ask for the evidence, from us as well.",
    ),
)

LETTER_BRIDGES: tuple[tuple[str, ...], ...] = (
    (
        "Two more answers, for when the first one is not enough:",
        "While you think about it, here is what others found:",
    ),
    (
        "Hold any offer against these two as well:",
        "Two more lines for your side of the table:",
    ),
)
"""Stand before a list of findings: first for the variant that asks, then for the one that
compares."""

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
        "Every statement above links to its source, so you can check it in a minute and make up "
        "your own mind. We would rather you trusted the evidence than took our word for it."
    ),
    (
        "We have left our own opinions out on purpose. What you make of these lines "
        "depends on where you are and what you want to change, and nobody knows that better than "
        "you do."
    ),
    (
        "If you can, share this with somebody who sees the matter differently. Two people "
        "reading the same line often notice two different things, and both may be useful to you."
    ),
    (
        "Keep the sources at hand: they say more than fits into a short message, including how "
        "each figure came about and whom it describes."
    ),
)

HOOKS: tuple[tuple[str, ...], ...] = (
    ("{finding}", "{thing}: what the sources say."),
    ("Would you have guessed? {finding}", "What would you want to be sure of about {topic}?"),
    ("A sign worth reading: {finding}", "What lies ahead for {topic}? A few signs worth reading."),
    (
        "Opinions on {topic} are easy to find. Evidence takes a little longer.",
        "Opinions are easy to find. Evidence takes a little longer.",
    ),
)

POST_BRIDGES: tuple[tuple[str, ...], ...] = (
    ("What else belongs in the picture:", "Some context, each line with its source:"),
    ("Here is what the sources say:", "A few answers from people who looked into it:"),
    ("Worth reading together:", "Taken one at a time, they are small. Read them together:"),
    ("So we went back to the sources:", "Here is some, with names attached:"),
)

POST_QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("Does that match what you see?", "Which of these would you act on first?"),
    ("What would you add?", "What is your answer?"),
    ("Which of these have you noticed yourself?", "What are you watching?"),
    ("Which of these would you want proof of?", "What evidence would convince you?"),
)

TWEETS: tuple[tuple[str, ...], ...] = (
    ("{finding}",),
    ("What does this mean for you? {finding}", "Worth checking against your own: {finding}"),
    ("A sign to watch: {finding}", "Where it is heading: {finding}"),
    ("Before you compare offers: {finding}", "One for the comparison: {finding}"),
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
    ("Set against it:", "For comparison:"),
)
