# The shapes world's detector is the one that needs no argument.
shapes-world scenes --count 1 --out s --quiet > /dev/null
r() { jq -nc "{id: \"a\", group_id: \"a\", group_size: 1, index: 0, prompt: \"x\", cot: \"\", image: \"s/scene-00000.png\", finish: \"stop\"} + $1"; }
r '{nouns: ["unicorn"], task_type: "color"}' | score-reward --expert detector --quiet | jq -c .rewards
r '{spatial_info: {obj1: "a", obj2: "b", locality: "behind"}, task_type: "spatial"}' | score-reward --expert detector --quiet
r '{}' | score-reward --expert shapes --device tpu
