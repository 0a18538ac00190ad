# A folder's name may end in a slash. The folder that we stand in is none that another can take the place of, nor one above.
janus-init --out new/ --quiet && ls new/config.json; ls -A | tr '\n' ' '
mkdir -p old/in && touch old/config.json && cd old
janus-init --out . --quiet; echo "exit $?"
cd in && janus-init --out .. --quiet; echo "exit $?"
ls -A ../.. .. | tr '\n' ' '
