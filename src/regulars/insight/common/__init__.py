"""What analyses share: what one is, what it gives, how it asks the shop, how its scores are kept."""

from regulars.insight.common.analysis import Analysis, Facts, Result, Scores, among, asked
from regulars.insight.common.finding import analysis, made, names

__all__ = ["Analysis", "Facts", "Result", "Scores", "among", "analysis", "asked", "made", "names"]
