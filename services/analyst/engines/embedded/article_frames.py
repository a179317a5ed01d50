"""The writer's own sentences for a blog article, in English; they state no fact either."""

from contracts.research import FindingKind
from services.analyst.natures import Nature

TITLES: tuple[tuple[str, ...], ...] = (
    ("{headline}", "{short}", "{topic}: the evidence"),
    (
        "{topic}: the questions to ask before you decide",
        "The questions to ask before you decide",
    ),
    (
        "{topic}: the road ahead, and how to read the signs",
        "What is changing, and how to read the signs",
    ),
    (
        "{topic}: how to compare without guessing",
        "How to compare without guessing",
    ),
)

INTROS: tuple[tuple[str, ...], ...] = (
    (
        (
            "{finding} It is the kind of line that gets passed round and then forgotten. This "
            "article stays with it a little longer: what stands beside it, what speaks against a "
            "quick conclusion, and what you can do with it."
        ),
        (
            "{finding} A single figure rarely tells the whole story, so we put it beside others "
            "and kept the source of each in view. Follow the numbers in brackets to check any of "
            "them."
        ),
    ),
    (
        (
            "Good questions are cheaper than bad decisions. So instead of another list of "
            "advice, here are the questions we would ask about {topic}, each with what the "
            "sources have to say. To begin with: {finding}"
        ),
        (
            "Most decisions look simple until somebody asks a second question. This article "
            "collects a few of those second questions, together with the evidence we could find. "
            "The first piece of it: {finding}"
        ),
    ),
    (
        (
            "Nobody can tell you what next year will bring. What anybody can do is read the "
            "signs that are already there, and decide which of them matter. One of them: "
            "{finding}"
        ),
        (
            "Trends are easy to announce and hard to check. We went the slow way and kept to "
            "what the sources actually say. It starts here: {finding}"
        ),
    ),
    (
        (
            "Comparing offers is tiring because each of them chooses its own yardstick. A better "
            "start is to agree on the yardstick first. Here is one candidate: {finding}"
        ),
        (
            "Two offers can both sound right and still be made for different people. To tell "
            "them apart you need something solid to hold them against. For example: {finding}"
        ),
    ),
)

HEADINGS: dict[FindingKind, tuple[str, ...]] = {
    FindingKind.TREND: (
        "{change}: a change to watch",
        "What lies ahead for {topic}",
        "What is changing",
        "Signs worth watching",
    ),
    FindingKind.MARKET: (
        "What the figures say about {topic}",
        "{thing}, looked at closely",
        "The facts on the table",
        "What is known so far",
    ),
    FindingKind.COMPETITOR: (
        "What else is on offer",
        "How others go about it",
        "A look at the alternatives",
        "What you can already choose from",
    ),
}
SECOND_HEADINGS = (
    "A closer look",
    "The detail that is easy to miss",
    "The other side of it",
    "Beneath the surface",
)

SECTION_OPENINGS: dict[FindingKind, tuple[str, ...]] = {
    FindingKind.TREND: (
        "Direction matters as much as size, so here is what is in motion.",
        "Not every change is a trend, and not every trend will reach you. These are candidates.",
        "If you plan more than a season ahead, this is the part to read slowly.",
        "Change is easiest to see when you know where to look.",
    ),
    FindingKind.MARKET: (
        "Before we talk about what to do, a look at where things stand.",
        "This is the part that can be counted, so let us count.",
        "Plenty of conversations about {topic} start from a feeling. These start from a source.",
        "Set opinions aside for a moment and look at what has been written down.",
    ),
    FindingKind.COMPETITOR: (
        "A fair picture includes the others, so here they are in their own terms.",
        "You will compare anyway, so we may as well do it in the open.",
        "There is more than one way to answer the same need.",
        "Nobody starts from a blank page, and you are not short of options.",
    ),
}

FOLLOWS: dict[str, tuple[str, ...]] = {
    Nature.ANSWER: (
        "Who was asked, and how close are they to you? That is the first thing to check.",
        "The useful part is less the size of the figure than the question behind it.",
        "Would your own answer be the same? A rough guess is enough to begin with.",
        "It sounds obvious once somebody has said it, which is often a good sign.",
        "You may recognise yourself in that, or know somebody who would.",
        "If your experience is different, that is worth knowing, too.",
        "How would you have answered?",
    ),
    Nature.PRICE: (
        "Sums like this only mean something next to what you get for them.",
        "Whether that is much depends on what comes back for it.",
        "A price alone says little, so ask what is included.",
        "It is a yardstick, not a verdict.",
        "Before you call it high or low, look at what the alternative costs.",
    ),
    Nature.CHANGE: (
        "Look at it again in six months, and it will tell you more than it does today.",
        "You do not have to follow it, only to have seen it.",
        "One reading is not a curve, but it is where a curve begins.",
        "Whether it will last is an open question. That it is worth watching is not.",
        "If it continues, what would you do differently?",
        "It may stay a footnote, or it may become the main text.",
        "Changes like this one tend to look obvious in hindsight only.",
    ),
    Nature.FACT: (
        "It is one source, so treat it as a lead and not as a law.",
        "How would you find out whether this holds in your case?",
        "It is worth writing that down next to your own experience.",
        "What would have to be true for this to matter to you?",
        "That is concrete enough to ask about, which makes it useful.",
        "If that surprises you, find out why before you move on.",
        "Small as it may look, it is the kind of detail that decisions hang on.",
    ),
    FindingKind.COMPETITOR: (
        "Whether that suits you depends on what you need it for.",
        "Some will see a strength in that, others a gap.",
        "It belongs in the comparison, even if it does not decide it.",
        "Ask what stands behind it, and ask us the same.",
    ),
}
"""Stand after a finding of their nature; those for a competitor's whatever its nature."""

TAKEAWAY_HEADINGS: tuple[tuple[str, ...], ...] = (
    ("What to do with all this", "From reading to doing"),
    ("Your turn to answer", "Questions to take with you"),
    ("How to keep watch", "A simple way to stay ahead"),
    ("A checklist for comparing", "How to put it to the test"),
)

TAKEAWAYS: tuple[tuple[str, ...], ...] = (
    (
        "You do not need to remember every line. A few small steps will get you most of the way:",
        "Evidence is only useful when it meets a real decision. To bring the two together:",
    ),
    (
        "Take ten quiet minutes, and write down your own answers before you look anything up:",
        "These are worth answering in writing, even if nobody else ever reads it:",
    ),
    (
        "Watching a trend takes less effort than most people fear. It only has to be regular:",
        "You do not need a dashboard for this. A page in a notebook will do:",
    ),
    (
        "Whatever you compare, ask each candidate the same questions and note the answers:",
        "A comparison is only as good as its questions. These are a fair start:",
    ),
)

STEPS: tuple[tuple[str, ...], ...] = (
    (
        "Choose the one line above that comes closest to your situation.",
        "Look up the same thing in your own records, or make an honest estimate.",
        "Decide on one change, small enough to try within a month.",
    ),
    (
        "Which of these lines did you expect, and which surprised you?",
        "What do you know about your own case, and what do you merely assume?",
        "Who could tell you more, and what would you ask first?",
    ),
    (
        "Pick two of the signs above and note where they stand for you today.",
        "Put a date in the calendar to look at both again.",
        "Agree in advance what you would do if either of them moves.",
    ),
    (
        "Where does the claim come from, and can you read the source yourself?",
        "Does it describe people in your position, or somebody else?",
        "What would it cost you to be wrong, and how soon would you notice?",
    ),
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
