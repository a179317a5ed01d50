"""The visual service: pictures for each channel, and a short film when the brief asks for one."""
