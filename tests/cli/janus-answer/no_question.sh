janus-init --preset nano --seed 3 --out p --quiet
shapes-world scenes --count 1 --seed 3 --out s --quiet | janus-answer --policy p
