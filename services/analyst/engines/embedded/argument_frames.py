"""The writer's own sentences round an argument, in English: they open, tie, conclude, and advise.

Each is chosen by what the finding beside it is, so that it is true of that finding; what it
concludes is conditional on the reader, or logic, and never a further fact.
"""

from services.analyst.argument import Part, Tie

OPENINGS: dict[str, tuple[str, ...]] = {
    Part.PROBLEM: (
        "How do you deal with {subject} today? {finding} If that sounds familiar, read on.",
        "You may know this from your own week. {finding}",
        "Have you met this yourself, or been spared so far? {finding}",
        "Before anybody offers you an answer, it is worth naming the trouble. {finding}",
    ),
    Part.WISH: (
        "What matters most to you when it comes to {subject}? Others have answered. {finding}",
        "If somebody asked you what you want, would you know at once? Others did. {finding}",
        "Suppose you could ask for one thing. {finding} Would yours have been the same?",
        "Offers begin with what somebody wants to sell. This begins with what is wanted. {finding}",
    ),
    Part.REMEDY: (
        "What would you change about {subject}, if you could begin tomorrow? {finding}",
        "You do not need one more promise, but something that can be checked. {finding}",
        "What can be done, and who says so? {finding}",
        "Before you choose what to do, look at what is on record. {finding}",
    ),
    Part.LIMIT: (
        "If you count on {subject}, there is a limit you should know. {finding}",
        "Better to read the small print first. {finding}",
        "What should you know before you rely on it? {finding}",
    ),
    Part.CHANGE: (
        "If you thought {subject} had settled down, look again. {finding}",
        "Plans are made on how things were. {finding}",
        "What would you do differently if you had seen this a year ago? {finding}",
        "Before you compare what is offered, look at where things are going. {finding}",
    ),
    Part.PRICE: (
        "Sooner or later somebody asks you what it costs. {finding}",
        (
            "Do you know what you spend, and on what? Here is a figure to hold yours against. "
            "{finding}"
        ),
        "If there is a budget to draw up, begin with a sum that somebody has published. {finding}",
    ),
    Part.STATE: (
        "If you are looking into {subject}, here is where things stand. {finding}",
        (
            "Decisions go wrong when they start from a guess. This one can start from a source. "
            "{finding}"
        ),
        "How well do you know your own ground? Hold it against this. {finding}",
        "Before you compare offers, it pays to know the ground they stand on. {finding}",
    ),
    Part.RIVAL: (
        "You will look at other offers anyway, so begin with one. {finding}",
        "What is already on the table? {finding}",
    ),
}
"""What a text begins with: the reader's question, by what its first finding is."""

TIES: dict[str, tuple[str, ...]] = {
    Tie.SAME_WAY: (
        "The same movement shows in a second place.",
        "It is not the only line that points that way.",
    ),
    Tie.OTHER_WAY: (
        "Not everything goes that way, though.",
        "But there is a movement in the other direction.",
    ),
    Tie.SAME_SOURCE: ("The same source has more to say.", "The same source adds a second point."),
    Tie.SAME_SUBJECT: ("Another source comes close to it.", "A second source is near to that."),
    Tie.BESIDE: (
        "Set this beside it.",
        "One more thing belongs in the picture.",
        "Keep this in mind as well.",
    ),
    "answer": ("And what can be done about it?", "That is the trouble. Now to an answer."),
    Part.PROBLEM: ("There is a difficulty, too.", "Now to what goes wrong."),
    Part.WISH: ("And what do people ask for?", "Listen to what is wanted."),
    Part.REMEDY: ("Then there is what helps.", "Next to that stands something that helps."),
    Part.LIMIT: ("One limit belongs beside it.", "It has a limit that you should know."),
    Part.CHANGE: ("Things are moving.", "Then look at where things are going."),
    Part.PRICE: ("Then there is the money.", "A word on what it costs."),
    Part.STATE: ("It helps to know where things stand.", "Here is some ground to stand on."),
    Part.RIVAL: (
        "For comparison, here is what is already out there.",
        "It is fair to look at what else is on offer.",
    ),
}
"""Stand before a finding, as a sentence of their own, by how it stands to the one before it."""

CONCLUSIONS: dict[str, tuple[str, ...]] = {
    "answered": (
        (
            "Put trouble and answer together, and the question is no longer whether anything can "
            "be done, but "
            "whether it would be enough where you are."
        ),
        (
            "So the trouble has a name, and so has one answer to it. What is left to find out is "
            "how "
            "much of either applies to you."
        ),
        (
            "That turns a worry into a comparison: what the trouble takes from you, against what "
            "the "
            "answer asks of you."
        ),
    ),
    Part.PROBLEM: (
        (
            "What follows? If this is your trouble too, find out first how large it is: how "
            "often it "
            "came up last month, and what it took each time."
        ),
        (
            "A problem that is counted can be compared with what it would take to solve it. So "
            "count "
            "yours first, and look at solutions after."
        ),
        "You cannot tell from here how hard it hits you. You can tell from your own last quarter.",
    ),
    Part.WISH: (
        (
            "What follows? If you want the same, you know what to ask for, and can tell an answer "
            "from an excuse."
        ),
        "A wish that others share is one you need not explain. Ask for it plainly, of us as well.",
        (
            "If your own wish is another one, all the better: then you know where a ready-made "
            "offer "
            "will not fit you."
        ),
    ),
    Part.REMEDY: (
        (
            "What follows? If it holds for you as well, it is worth a trial that is small enough "
            "to "
            "judge."
        ),
        (
            "Whether it would do the same for you depends on how alike the cases are. That is the "
            "first thing to look at."
        ),
        (
            "Ask of any improvement what this one lets you ask: which {figure} changed, for "
            "whom, and "
            "compared with what."
        ),
    ),
    Part.LIMIT: (
        (
            "What follows? Plan for the limit as well as for the gain, and you will not be "
            "surprised "
            "by it."
        ),
        "A limit that is known in advance is something to plan round, and no reason to turn away.",
    ),
    Part.CHANGE: (
        (
            "What follows? If it goes on like this, waiting is a decision, too. So choose the "
            "day on "
            "which you will look again."
        ),
        (
            "You need not follow every change. But it is worth knowing what you would do if this "
            "one "
            "lasts."
        ),
        (
            "Whether it lasts, nobody can tell you. What you would do in either case, you can "
            "decide "
            "now."
        ),
    ),
    Part.PRICE: (
        (
            "What follows? A sum only means something beside what it replaces. So put yours next "
            "to "
            "it."
        ),
        "Before you call it much or little, write down what the same thing costs you today.",
    ),
    Part.STATE: (
        (
            "What follows? Use it as a yardstick: see where you stand beside it, and whether you "
            "want to stand there."
        ),
        "None of this decides for you. It tells you what a decision would have to reckon with.",
        "If your own picture differs, find out why. Either answer takes you further.",
    ),
    Part.RIVAL: (
        "What follows? Ask every offer the same questions, ours included.",
        "Whether that suits you depends on what you need it for. So begin with your need.",
    ),
}
"""What follows for the reader, by what a text is mainly about; `answered`: trouble and remedy."""

LETTER_BRIDGES: dict[str, tuple[str, ...]] = {
    Tie.SAME_SOURCE: ("The same source has two more things to say:",),
    Tie.BESIDE: (
        "Two more lines to set beside it:",
        "Two things that belong next to it:",
        "Before you make up your mind, read these two as well:",
    ),
}
"""Stand before a list of two findings: those of the first one's source, or of any."""

REMARKS: dict[str, tuple[str, ...]] = {
    Part.PROBLEM: (
        "Would you notice it where you are, and how soon?",
        "If you have met it yourself, you know what it takes to put right.",
        "Ask somebody close to it how often it happens.",
    ),
    Part.WISH: (
        "How would you have answered?",
        "If you are asked for the same, you now know that you are not the only one.",
        "Would your own answer be the same? A rough guess is enough to begin with.",
    ),
    Part.REMEDY: (
        "What would have to be true for it to work in your case?",
        "It is worth asking what it takes to get there.",
        "If you try it, decide beforehand how you will tell whether it worked.",
    ),
    Part.LIMIT: (
        "It is better to know that before than after.",
        "Ask whether it touches what you have in mind.",
    ),
    Part.CHANGE: (
        "If it continues, what would you do differently?",
        "One reading is not a curve, so look again before you build on it.",
        "You do not have to follow it, only to have seen it.",
    ),
    Part.PRICE: (
        "A price alone says little, so ask what is included.",
        "Whether that is much depends on what comes back for it.",
        "Before you call it high or low, look at what the alternative costs.",
    ),
    Part.STATE: (
        "How would you find out whether this holds in your case?",
        "Hold it against what you see yourself.",
        "It is one source, so treat it as a lead and not as a law.",
        "If that surprises you, find out why before you move on.",
    ),
    Part.RIVAL: (
        "Whether that suits you depends on what you need it for.",
        "Some will see a strength in that, others a gap.",
        "Ask what stands behind it, and ask us the same.",
    ),
}
"""Stand after a finding of an article."""

STEPS: dict[str, tuple[str, ...]] = {
    Part.PROBLEM: (
        "Think of the last time it happened to you: what did it take, and what would have helped?",
        "How often did it happen to you last month, and who noticed first?",
    ),
    Part.WISH: (
        "Write down what you would ask for, before you look at what is offered.",
        "Which of the wishes above is yours, and who could meet it?",
    ),
    Part.REMEDY: (
        "Choose one thing that is said to help, and try it where a failure would do no harm.",
        "What would show you within a month that it works for you?",
    ),
    Part.LIMIT: (
        "Check whether the limits named above touch what you plan.",
        "Which limit would stop you, and which could you live with?",
    ),
    Part.CHANGE: (
        "Put a date in the calendar to look at what is moving again.",
        "What would you do if the change went on for another year, and what if it stopped?",
    ),
    Part.PRICE: (
        "Look up what you pay for the same thing, all included.",
        "What do you pay for the same thing today, all included?",
    ),
    Part.STATE: (
        "See where you stand beside the lines above.",
        "Which of these lines did you expect, and which surprised you?",
    ),
    Part.RIVAL: (
        "Ask each offer what it includes, for how long, and what it costs to leave.",
        "Which offer above would you have taken, and what made you hesitate?",
    ),
}
"""What to do about it: said for the variants that tell, asked for those that ask."""

POST_QUESTIONS: dict[str, tuple[str, ...]] = {
    Part.PROBLEM: ("How do you deal with it?", "Do you count it where you are?"),
    Part.WISH: ("What would you ask for?", "Would you have answered the same?"),
    Part.REMEDY: ("What has worked for you?", "What would convince you that it works?"),
    Part.LIMIT: ("Have you met that limit?", "How do you plan round it?"),
    Part.CHANGE: ("Do you see it, too?", "What would you do if it goes on?"),
    Part.PRICE: ("Does that match what you pay?", "What do you get for it?"),
    Part.STATE: ("Does that match what you see?", "Where do you stand?"),
    Part.RIVAL: ("What would you choose?", "What is missing for you?"),
}

TWEETS: dict[str, tuple[str, ...]] = {
    Part.PROBLEM: ("Sounds familiar? {finding}", "How often does it happen to you? {finding}"),
    Part.WISH: ("Would you have answered the same? {finding}", "What people ask for: {finding}"),
    Part.REMEDY: ("What helps, on record: {finding}", "What can be done? {finding}"),
    Part.LIMIT: ("Good to know before you start: {finding}",),
    Part.CHANGE: ("Where things are going: {finding}", "A movement to watch: {finding}"),
    Part.PRICE: ("What it costs: {finding}", "A sum to hold yours against: {finding}"),
    Part.STATE: ("Where things stand: {finding}", "Does that match what you see? {finding}"),
    Part.RIVAL: ("For comparison: {finding}",),
}
"""For every variant but the first, which says the finding plainly."""
