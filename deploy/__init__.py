"""How the services are installed, started and watched on one machine."""
