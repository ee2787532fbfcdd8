"""The pages: thin views over `Shop`, one process, one folder a page.

A folder of this package is a Django app. What it holds is found, nothing is registered: ``urls.py`` (its addresses),
``page.py`` (its entry in the navigation), ``models.py``, ``templates/``, ``static/``, ``locale/``.
"""
