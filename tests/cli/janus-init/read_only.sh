janus-init --preset nano --out /proc/p
