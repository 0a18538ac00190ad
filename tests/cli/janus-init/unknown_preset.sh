janus-init --preset giant --out p
