"""The one door to the outside: every adapter described, guarded, counted and called alike."""
