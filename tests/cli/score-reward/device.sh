echo '{"id":"a"}' | score-reward --quiet --expert shapes --device cuda:1
