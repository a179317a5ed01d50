"""The engines that can write: each behind the port `Writer`, each saying who it is."""
