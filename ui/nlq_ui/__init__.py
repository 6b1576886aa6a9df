"""The web page and other places where people ask; they call nlq and hold no SQL, no prompt."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported
