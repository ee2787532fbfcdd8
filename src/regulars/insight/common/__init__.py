"""What analyses share: what one is, what it gives, how it asks the shop, how its scores are kept."""

from regulars.insight.common.analysis import Analysis, Facts, Measured, Result, Scores, among, asked
from regulars.insight.common.finding import analysis, made, names, summary
from regulars.insight.common.keeping import Refreshed, Scored, keep, refreshed, scored

__all__ = ["Analysis", "Facts", "Measured", "Refreshed", "Result", "Scored", "Scores", "among", "analysis", "asked",
           "keep", "made", "names", "refreshed", "scored", "summary"]
