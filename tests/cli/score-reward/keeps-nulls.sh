# What another expert could not tell stays beside the new reward, in its place.
echo '{"id":"a","prompt":"x","cot":"one","rewards":{"judge":null,"old":1.50},"reward":null}' |
  score-reward --expert 'exec:jq -c "{id, value: 1}"' --quiet | jq -c '[.rewards, .reward]'
