"""The five services, each of which knows the contracts and the chassis but no other service."""
