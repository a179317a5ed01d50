"""Paragraphs of an article that state no fact, for when findings alone would be too terse."""

DEPTHS: tuple[tuple[str, ...], ...] = (
    (
        (
            "It helps to read {figures} like these the way you would read a map: not as a list of "
            "orders, but as a picture of the ground. Some of it will be familiar, some of it "
            "will not, and the unfamiliar parts usually deserve the most attention. Start where "
            "the map and your own experience disagree, because that is where something can be "
            "learned."
        ),
        (
            "A word on method. Each statement here is taken from the source beside it, and where "
            "we shortened a sentence we left its meaning alone. We added nothing to it. "
            "Where the sources are silent, so are we, and that is worth knowing too when you "
            "weigh what to do."
        ),
        (
            "If you work with others, try reading these points aloud and asking each person "
            "which one they would act on. The answers tend to say as much about priorities as "
            "about the evidence, and it is better to find that out before a decision than after "
            "it."
        ),
    ),
    (
        (
            "It is tempting to look for the one right answer here. A more useful habit is to ask "
            "what each source could not have known about you: your budget, your patience, the "
            "things you have tried before. Fill in those gaps yourself, and a general statement "
            "turns into advice that fits."
        ),
        (
            "Where did these answers come from? From the sources listed at the end, sentence by "
            "sentence. We asked, they answered, and we kept our own assumptions out of the text. "
            "You may well ask different questions, and the links are there so that you can."
        ),
        (
            "One more question is worth a pause: what would you need to see before you changed "
            "your mind? Writing that down in advance keeps everybody honest, and it turns the "
            "next piece of news into an answer instead of an argument."
        ),
    ),
    (
        (
            "Reading signs is a matter of patience. A single one may be noise, two may be "
            "chance, and only repetition makes a pattern. That is why it pays to choose a few, "
            "watch them in the same way each time, and resist the urge to react to every "
            "movement along the way."
        ),
        (
            "We kept strictly to what the sources report and added no forecast of our own. If "
            "you want one, make it yourself: take the points above, assume they continue, and "
            "ask what that would mean for you. Then assume they stop, and ask again."
        ),
        (
            "Being early is not the same as being hasty. You can prepare for a change without "
            "betting on it, simply by knowing what your first move would be. That kind of "
            "readiness costs little and ages well."
        ),
    ),
    (
        (
            "A comparison goes wrong most often before it begins, when each side picks the "
            "measure that flatters it. Choose your measures first, from sources that have "
            "nothing to sell you where possible, and only then look at the names. The order "
            "makes all the difference."
        ),
        (
            "Every line above can be traced to its source, and that is the standard we suggest "
            "for any claim you meet, including ours. If somebody cannot say where a statement "
            "comes from, put it in a separate column and give it less weight."
        ),
        (
            "Keep in mind what is not on the list. Support, fit, and plain trust are hard to put "
            "into a table, and they still count. Use the evidence to narrow the field, and a "
            "conversation to make the choice."
        ),
    ),
)
"""One row per variant."""
