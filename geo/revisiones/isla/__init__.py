"""E-ISLA: calles que no están unidas a la red."""
