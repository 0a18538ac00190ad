# A flag is true or false.
cot-stats --table=maybe < /dev/null
echo "exit $?"
printf 'table = perhaps\n' > c.toml
cot-stats --config c.toml < /dev/null
