"""E-CASI: calles que casi llegan a otra y no se unen con ella."""
