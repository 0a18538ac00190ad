echo '{"id":"a"}' | score-reward --quiet --expert shapes --device cpu --dtype bfloat16
