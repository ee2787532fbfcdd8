"""The demo shop: a believable shop made from behaviour models, with the truth of who was made how beside it."""

from regulars.demo.make import Demo, make_demo

__all__ = ["Demo", "make_demo"]
