# Which prompts can be drawn, before a long run ends at one that cannot.
janus-init --preset nano --out p --quiet
{ echo '{"id":"a","prompt":"a red circle","tag":"x"}'; head -c 3000 /dev/zero | tr '\0' a | jq -Rc '{id: "b", prompt: .}'; echo '{"id":"c","prompt":"a ring"}'; } > prompts.jsonl
sample-group --policy p --list-prompts --max-bad 5 < prompts.jsonl
ls
sample-group --policy p --list-prompts < prompts.jsonl
