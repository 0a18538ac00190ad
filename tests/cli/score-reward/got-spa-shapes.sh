# Planned boxes by GenEval's rule, with partial credit; a plan that names no color is right about no color. A malformed one is 0.
box() { printf '<|obj_start|>%s<|obj_end|><|box_start|>(%s),(%s)<|box_end|>' "$1" "$2" "$3"; }
record() { jq -nc --arg id "$1" --arg prompt "$2" --arg cot "$3" '{$id, group_id: $id, group_size: 1, index: 0, $prompt, $cot}'; }
{
  record right 'a photo of a red star' "$(box 'red star' 0,0 300,300)."
  record colorless 'a photo of a red star' "$(box star 0,0 300,300)."
  record capitals 'a photo of a red star' "$(box 'A Red  Star' 0,0 300,300)."
  record other 'a photo of a red star' "$(box 'blue star' 0,0 300,300)."
  record place 'a circle left of a star' "$(box circle 600,0 900,300) and $(box star 0,0 300,300)"
  record swapped 'a circle left of a star' "$(box star 600,0 900,300) and $(box circle 0,0 300,300)"
  record malformed 'a photo of a star' '<|obj_start|>star<|obj_end|>'
} | score-reward --quiet --expert got-spa:shapes | jq -c '[.id, .reward]'
