# A switch can be off in a --config file, and on the command line.
printf '{"id":"a","prompt":"p","cot":"one two."}\n' > r
printf 'table=false\n' > off.ini
cot-stats --config off.ini < r | jq -c .rollouts
cot-stats --table=false < r | jq -c .rollouts
