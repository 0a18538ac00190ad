# A record's place is said once.
echo '{"id":"a","prompt":"x","image":"a.png","tag":"counting","include":"dog"}' | score-reward --expert shapes --quiet
