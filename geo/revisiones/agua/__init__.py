"""E-AGUA: calles que cruzan el agua sin puente, vado ni alcantarilla."""
