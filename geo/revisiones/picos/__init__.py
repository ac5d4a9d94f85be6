"""E-PICO: puntas imposibles."""
