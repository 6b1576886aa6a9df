"""The web page and other places where people ask; they call nlq and hold no SQL, no prompt."""
