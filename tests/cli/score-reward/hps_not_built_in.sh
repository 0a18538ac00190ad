echo '{}' | score-reward --expert hps --combine got-r1-hps
