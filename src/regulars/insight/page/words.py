"""The words of pages: one catalog for all sections."""

from regulars.model.phrases import Own, Sentence, phrases

text, counted = phrases("regulars.insight", "page")


def by_recency(group: Sentence) -> Sentence:
    """What a group of recency, frequency and money is called as a segment: stages are called alike."""
    return text("{group} (recency and amount)", group=group)


def by_stage(stage: Sentence) -> Sentence:
    """What a stage of life is called as a segment."""
    return text("{stage} (stage)", stage=stage)


def gist(rule: str) -> Sentence:
    """A rule that is said in full elsewhere, in short."""
    return text("In short: {rule}.", rule=Own(rule))


def would_like(name: str) -> Sentence:
    """What those whom something new concerns are called as a segment."""
    return text("Would like {name}", name=Own(name))
